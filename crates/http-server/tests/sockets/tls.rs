//! Connections under TLS: both versions of HTTP, certificates of clients, files that change, clients without TLS.

use super::world::{Client, World, head, settings};
use super::{HI, http2};
use http_server::{Limits, Settings, Tls, TlsFiles};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use std::fs;
use std::io::Read;
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use tokio_rustls::TlsConnector;

/// An authority, and a folder with what it has signed.
struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    folder: TempDir,
}

impl Authority {
    fn new() -> Authority {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let authority = Authority { issuer, folder: tempfile::tempdir().unwrap() };
        fs::write(authority.path("ca.pem"), authority.issuer.pem()).unwrap();
        authority
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    /// Writes `name.pem` and `name.key`.
    fn sign(&self, name: &str, host: &str) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![host.to_owned()]).unwrap();
        fs::write(self.path(&format!("{name}.pem")), params.signed_by(&key, &self.issuer).unwrap().pem())
            .unwrap();
        fs::write(self.path(&format!("{name}.key")), key.serialize_pem()).unwrap();
    }

    fn files(&self, name: &str) -> TlsFiles {
        let [certificate, key] = ["pem", "key"].map(|kind| self.path(&format!("{name}.{kind}")));
        TlsFiles { certificate, key, client_ca: None }
    }

    fn server(&self, host: &str) -> Tls {
        self.sign("server", host);
        Tls::load(self.files("server")).unwrap()
    }

    /// A client that trusts the authority, perhaps with a certificate of its own.
    fn client(&self, own: Option<&str>) -> ClientConfig {
        let mut roots = RootCertStore::empty();
        roots.add(self.issuer.der().clone()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder =
            ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let builder = builder.with_root_certificates(roots);
        let Some(own) = own else { return builder.with_no_client_auth() };
        let TlsFiles { certificate, key, .. } = self.files(own);
        let chain = CertificateDer::pem_file_iter(certificate).unwrap().map(Result::unwrap).collect();
        builder.with_client_auth_cert(chain, PrivateKeyDer::from_pem_file(key).unwrap()).unwrap()
    }
}

fn connect(world: &World, config: &ClientConfig, host: &'static str) -> Client {
    let connection =
        ClientConnection::new(Arc::new(config.clone()), ServerName::try_from(host).unwrap()).unwrap();
    world.connect_through(|socket: TcpStream| StreamOwned::new(connection, socket))
}

/// Whether a client gets an answer, or no connection.
fn is_served(world: &World, config: &ClientConfig, host: &'static str) -> bool {
    let connection =
        ClientConnection::new(Arc::new(config.clone()), ServerName::try_from(host).unwrap()).unwrap();
    let socket = TcpStream::connect(world.address).unwrap();
    let mut stream = StreamOwned::new(connection, socket);
    let mut answer = [0; 12];
    let asked = std::io::Write::write_all(&mut stream, (head("", HI.len()) + HI).as_bytes());
    asked.and_then(|()| stream.read_exact(&mut answer)).is_ok_and(|()| &answer == b"HTTP/1.1 200")
}

#[test]
fn http_1_goes_through_tls_as_without() {
    let authority = Authority::new();
    let world = World::start_with_tls(settings(), authority.server("localhost"));
    let mut client = connect(&world, &authority.client(None), "localhost");
    for _ in 0..3 {
        assert_eq!(client.post("", HI).text(), HI);
    }
    let many = client.post("", r#"{"Text":"0123456789","Times":100000}"#);
    assert_eq!(many.body.len(), 1_000_011);
}

#[test]
fn http_2_goes_through_tls() {
    let authority = Authority::new();
    let world = World::start_with_tls(settings(), authority.server("localhost"));
    let mut config = authority.client(None);
    config.alpn_protocols = vec![b"h2".to_vec()];
    http2::serves_requests_beside_each_other_and_ends_with_the_server(world, async |socket| {
        let name = ServerName::try_from("localhost").unwrap();
        TlsConnector::from(Arc::new(config)).connect(name, socket).await.unwrap()
    });
}

#[test]
fn new_files_are_for_new_connections_and_broken_ones_for_nobody() {
    let authority = Authority::new();
    let tls = authority.server("localhost");
    let world = World::start_with_tls(settings(), tls.clone());
    let config = authority.client(None);
    let mut old = connect(&world, &config, "localhost");
    assert_eq!(old.post("", HI).status, 200);

    authority.sign("server", "other.test");
    tls.reload().unwrap();
    assert!(!is_served(&world, &config, "localhost"));
    assert!(is_served(&world, &config, "other.test"));
    assert_eq!(old.post("", HI).status, 200);

    fs::write(authority.path("server.key"), "no key").unwrap();
    assert!(tls.reload().unwrap_err().to_string().ends_with("there is no private key in it; it must be PEM"));
    assert!(is_served(&world, &config, "other.test"));
}

#[test]
fn clients_without_a_certificate_are_refused_where_one_is_asked_for() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    authority.sign("server", "localhost");
    let files = TlsFiles { client_ca: Some(authority.path("ca.pem")), ..authority.files("server") };
    let world = World::start_with_tls(settings(), Tls::load(files).unwrap());
    authority.sign("client", "client.test");
    assert!(is_served(&world, &authority.client(Some("client")), "localhost"));
    assert!(!is_served(&world, &authority.client(None), "localhost"));
    stranger.sign("client", "client.test");
    for kind in ["pem", "key"] {
        let name = format!("client.{kind}");
        fs::copy(stranger.path(&name), authority.path(&name)).unwrap();
    }
    assert!(!is_served(&world, &authority.client(Some("client")), "localhost"));
}

#[test]
fn who_does_not_speak_tls_is_closed_and_who_says_nothing_too() {
    let authority = Authority::new();
    let limits = Limits { head_timeout: Duration::from_millis(200), ..settings().limits };
    let world = World::start_with_tls(Settings { limits, ..settings() }, authority.server("localhost"));
    let mut plain = world.connect();
    plain.write(head("", HI.len()) + HI);
    while plain.has_more() {} // an alert
    let mut silent = world.connect();
    assert!(silent.is_closed());
    let mut half = world.connect();
    half.write([0x16, 3, 1, 2, 0, 1]); // the beginning of a hello
    assert!(half.is_closed());
    assert!(is_served(&world, &authority.client(None), "localhost"));
}

#[test]
fn files_that_cannot_be_used_are_named() {
    let authority = Authority::new();
    authority.sign("server", "localhost");
    authority.sign("other", "localhost");
    let said = |files: TlsFiles| Tls::load(files).unwrap_err().to_string();
    let server = || authority.files("server");
    let missing = said(TlsFiles { certificate: authority.path("none.pem"), ..server() });
    assert!(missing.contains("none.pem: No such file"), "{missing}");
    let swapped = said(TlsFiles { certificate: authority.path("server.key"), ..server() });
    assert!(swapped.ends_with("server.key: there is no certificate in it; it must be PEM"), "{swapped}");
    let pair = said(TlsFiles { key: authority.path("other.key"), ..server() });
    assert!(pair.contains("other.key is no key of the certificate in"), "{pair}");
    let clients = said(TlsFiles { client_ca: Some(authority.path("server.key")), ..server() });
    assert!(clients.ends_with("there is no certificate in it; it must be PEM"), "{clients}");
}
