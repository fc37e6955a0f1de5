//! A production server from nothing: `stator init`, `stator config`, TLS, certificates read again, a service manager.

use super::running::{Running, refused, stator, text};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

fn said(arguments: &[&str]) -> String {
    let output = stator(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// A folder from `stator init`, and the secret that was shown.
fn made(dir: &Path) -> String {
    let shown = said(&["init", text(dir), "--tls-san", "db.test"]);
    let secret = shown.lines().find_map(|line| line.trim().strip_prefix("AWS_SECRET_ACCESS_KEY="));
    secret.unwrap().to_owned()
}

/// Whether a client that trusts this authority gets an answer.
fn is_healthy(port: &str, authority: &Path) -> bool {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(authority).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = Arc::new(config.with_root_certificates(roots).with_no_client_auth());
    let connection = ClientConnection::new(config, ServerName::try_from("localhost").unwrap()).unwrap();
    let socket = TcpStream::connect(format!("127.0.0.1:{port}")).unwrap();
    let mut stream = StreamOwned::new(connection, socket);
    let mut answer = [0; 12];
    let asked = stream.write_all(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
    asked.and_then(|()| stream.read_exact(&mut answer)).is_ok_and(|()| &answer == b"HTTP/1.1 200")
}

#[test]
fn init_makes_what_a_server_starts_with_and_overwrites_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (folder, config) = (dir.path().join("made"), dir.path().join("made/stator.toml"));
    let secret = made(&folder);
    assert_eq!(secret.len(), 40);
    assert_eq!(fs::read_to_string(folder.join("root.secret")).unwrap(), format!("{secret}\n"));
    for name in ["root.secret", "server.key"] {
        assert_eq!(fs::metadata(folder.join(name)).unwrap().permissions().mode() & 0o777, 0o600, "{name}");
    }
    refused(&["init", text(&folder)], 2, "ca.pem is there already, and nothing is overwritten");
    let names = tempfile::tempdir().unwrap();
    refused(&["init", text(names.path()), "--tls-san", "ü"], 2, "--tls-san takes a name such as");
    assert!(said(&["config", "check", text(&config)]).ends_with("stator.toml: a server can start with it\n"));
    let printed = said(&["config", "print", text(&config)]);
    assert!(printed.contains("id = \"AKIA") && !printed.contains(&secret), "{printed}");
    let again = dir.path().join("printed.toml");
    fs::write(&again, &printed).unwrap();
    assert_eq!(said(&["config", "print", text(&again)]), printed);

    fs::write(folder.join("server.key"), "no key").unwrap();
    refused(&["config", "check", text(&config)], 2, "there is no private key in it");
    refused(&["--config", text(&config), "--port", "0"], 2, "there is no private key in it");
    fs::remove_file(folder.join("root.secret")).unwrap();
    refused(&["config", "check", text(&config)], 2, "root.secret\", which cannot be read");
}

#[test]
fn a_server_of_it_speaks_tls_tells_its_manager_and_reads_certificates_again() {
    let dir = tempfile::tempdir().unwrap();
    let (folder, other) = (dir.path().join("made"), dir.path().join("other"));
    made(&folder);
    made(&other);
    let manager = UnixDatagram::bind(dir.path().join("manager")).unwrap();
    manager.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let told = || {
        let mut state = [0; 64];
        let length = manager.recv(&mut state).unwrap();
        String::from_utf8(state[..length].to_vec()).unwrap()
    };
    let config = folder.join("stator.toml");
    let mut command = stator(&["--config", text(&config), "--port", "0", "--log", "info"]);
    let mut server = Running::of(command.env("NOTIFY_SOCKET", dir.path().join("manager")));
    assert!(server.line.contains(" ready on https://127.0.0.1:"), "{}", server.line);
    assert_eq!(told(), "READY=1");
    let port = server.line.split(':').nth(2).unwrap().split(' ').next().unwrap().to_owned();
    let trusts = |folder: &Path| is_healthy(&port, &folder.join("ca.pem"));
    assert!(trusts(&folder) && !trusts(&other));

    for name in ["server.pem", "server.key"] {
        fs::copy(other.join(name), folder.join(name)).unwrap();
    }
    server.signal("-HUP");
    let stderr = server.process.stderr.as_mut().unwrap();
    let mut log = String::new();
    while !log.contains("the certificates were read again") {
        let mut piece = [0; 1024];
        let length = stderr.read(&mut piece).unwrap();
        assert!(length > 0, "{log}");
        log += std::str::from_utf8(&piece[..length]).unwrap();
    }
    assert!(trusts(&other) && !trusts(&folder));
    server.signal("-TERM");
    assert_eq!(told(), "STOPPING=1");
    assert_eq!(server.end().0, Some(0));
}
