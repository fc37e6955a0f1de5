//! A POST to a server on this machine. Other hosts are refused, so that nobody who may put an alarm makes this server
//! speak to the network behind it.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Posts JSON; any status of 2xx is fine.
pub(super) async fn post(url: &str, body: &str) -> Result<(), String> {
    let Place { host, port, path } = place(url).ok_or("only http:// of this machine is called")?;
    let failed = |error: std::io::Error| error.to_string();
    let mut stream = TcpStream::connect((host.trim_matches(['[', ']']), port)).await.map_err(failed)?;
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.map_err(failed)?;
    stream.write_all(body.as_bytes()).await.map_err(failed)?;
    let mut start = [0; 12];
    stream.read_exact(&mut start).await.map_err(failed)?;
    let status = std::str::from_utf8(&start).ok().and_then(|start| start.strip_prefix("HTTP/1.")?.get(2..5));
    match status {
        Some(status) if status.starts_with('2') => Ok(()),
        Some(status) => Err(format!("it answered {status}")),
        None => Err("it does not speak HTTP".to_owned()),
    }
}

#[derive(Debug, PartialEq)]
struct Place<'a> {
    host: &'a str,
    port: u16,
    path: &'a str,
}

fn place(url: &str) -> Option<Place<'_>> {
    let rest = url.strip_prefix("http://")?;
    let (authority, path) = rest.find('/').map_or((rest, "/"), |at| rest.split_at(at));
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port.parse().ok()?),
        _ => (authority, 80),
    };
    let is_here = matches!(host, "localhost" | "[::1]")
        || host.parse::<std::net::Ipv4Addr>().is_ok_and(|address| address.is_loopback());
    let is_plain = path.bytes().all(|byte| byte.is_ascii_graphic());
    (is_here && is_plain).then_some(Place { host, port, path })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_called() {
        assert_eq!(
            place("http://127.0.0.1:8080/a?b"),
            Some(Place { host: "127.0.0.1", port: 8080, path: "/a?b" })
        );
        assert_eq!(place("http://localhost"), Some(Place { host: "localhost", port: 80, path: "/" }));
        assert_eq!(place("http://[::1]:9/"), Some(Place { host: "[::1]", port: 9, path: "/" }));
        for url in [
            "http://10.0.0.1/",
            "http://localhost.evil.org/",
            "https://localhost/",
            "http://localhost/\r\nX: y",
        ] {
            assert_eq!(place(url), None, "{url}");
        }
    }
}
