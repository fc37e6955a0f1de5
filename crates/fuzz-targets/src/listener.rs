//! Any bytes on a connection end in an answer or a closed connection, with and without TLS, and the listener keeps
//! serving.

use http_server::{
    Connections, Cors, HealthPages, HostRule, Limits, Persona, Server, Settings, Tls, TlsFiles,
};
use identity::{Authenticator, Strictness};
use pipeline::Pipeline;
use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Shutdown, SocketAddr, TcpStream};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use stdx::{Random, SystemClock};
use tokio::runtime::{Builder, Runtime};

/// The longest that an input may keep a connection open: the listener's own patience is a fifth.
const PATIENCE: Duration = Duration::from_secs(10);

struct Listeners {
    _runtime: Runtime,
    plain: SocketAddr,
    tls: SocketAddr,
}

/// The bytes of a client, to a listener without TLS and to one with it.
pub fn listener(input: &[u8]) {
    static LISTENERS: OnceLock<Listeners> = OnceLock::new();
    let listeners = LISTENERS.get_or_init(Listeners::start);
    for address in [listeners.plain, listeners.tls] {
        let mut stream = TcpStream::connect(address).expect("the listener goes on serving");
        stream.set_read_timeout(Some(PATIENCE)).expect("a socket has timeouts");
        // A server that has ended the connection takes no more.
        _ = stream.write_all(input).and_then(|()| stream.shutdown(Shutdown::Write));
        let ended = stream.read_to_end(&mut Vec::new());
        let is_waiting = ended.is_err_and(|error| {
            matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut)
        });
        assert!(!is_waiting, "a client that says no more is not waited for");
    }
}

impl Listeners {
    fn start() -> Listeners {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
        let (plain, tls) = (serve(&runtime, None), serve(&runtime, Some(tls())));
        Listeners { _runtime: runtime, plain, tls }
    }
}

fn serve(runtime: &Runtime, tls: Option<Tls>) -> SocketAddr {
    let any_port = SocketAddr::from(([127, 0, 0, 1], 0));
    let server = runtime.block_on(Server::bind(any_port)).expect("a free port");
    let address = server.local_address().expect("it is bound");
    let server = match tls {
        Some(tls) => server.with_tls(tls),
        None => server,
    };
    let patience = PATIENCE / 5;
    let limits = Limits {
        head_timeout: patience,
        body_timeout: patience,
        response_timeout: patience,
        ..Limits::default()
    };
    let settings = Settings {
        limits,
        cors: Cors::Any,
        host_rule: HostRule::of(IpAddr::V4(Ipv4Addr::LOCALHOST), Vec::new()),
        connections: Connections::default(),
    };
    let pipeline =
        Pipeline::new(Authenticator::new(Strictness::Form), Arc::new(SystemClock), Random::from_seed(1));
    let pages = Arc::new(HealthPages::new(Persona::Local, || Ok(())));
    let serving =
        server.serve(settings, Arc::new(pipeline), pages, Box::pin(std::future::pending()), patience);
    drop(runtime.spawn(serving));
    address
}

fn tls() -> Tls {
    let folder = tempfile::tempdir().expect("a folder");
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).expect("a certificate");
    let [certificate, key] = ["server.pem", "server.key"].map(|name| folder.path().join(name));
    std::fs::write(&certificate, made.cert.pem()).expect("written");
    std::fs::write(&key, made.signing_key.serialize_pem()).expect("written");
    Tls::load(TlsFiles { certificate, key, client_ca: None }).expect("they belong together")
}

#[cfg(test)]
mod tests {
    use crate::mutations::each;

    /// The first flight of a client that speaks TLS 1.3 and 1.2.
    fn hello() -> Vec<u8> {
        let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_root_certificates(rustls::RootCertStore::empty())
            .with_no_client_auth();
        let name = rustls::pki_types::ServerName::try_from("localhost").expect("a name");
        let mut client = rustls::ClientConnection::new(config.into(), name).expect("a client");
        let mut bytes = Vec::new();
        client.write_tls(&mut bytes).expect("written to memory");
        bytes
    }

    #[test]
    fn damaged_connections() {
        let hello = hello();
        let samples: [&[u8]; 4] = [
            &hello,
            b"POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: DynamoDB_20120810.ListTables\r\nContent-Type: application/x-amz-json-1.0\r\nContent-Length: 2\r\n\r\n{}",
            b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
            b"GET /health HTTP/1.0\r\n\r\nPRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        ];
        each(&samples, 200, super::listener);
    }
}
