//! Whether the listener uses TLS, and its certificate.

use super::beside;
use crate::cli::Invocation;
use crate::failure::Failure;
use http_server::TlsFiles;
use serde::Deserialize;
use std::path::PathBuf;

/// `[tls]`; paths are relative to the file they are in.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct TlsSection {
    /// As `--tls-cert`.
    certificate: Option<PathBuf>,
    /// As `--tls-key`.
    key: Option<PathBuf>,
    /// Authorities that sign the certificates of clients; without it clients need none.
    client_ca: Option<PathBuf>,
}

/// The files of this run; `None` for plain HTTP. A flag wins over the file.
pub(super) fn resolve(told: &Invocation, file: TlsSection) -> Result<Option<TlsFiles>, Failure> {
    let of_file = |path: Option<PathBuf>| path.map(|path| beside(told.config.as_deref(), &path));
    let certificate = told.tls_cert.clone().or(of_file(file.certificate));
    let key = told.tls_key.clone().or(of_file(file.key));
    match (certificate, key, of_file(file.client_ca)) {
        (Some(certificate), Some(key), client_ca) => Ok(Some(TlsFiles { certificate, key, client_ca })),
        (None, None, None) => Ok(None),
        (None, None, Some(_)) => Err(half("client_ca is about TLS, which needs certificate and key")),
        (Some(_), None, _) => Err(half("a certificate needs its key: add --tls-key, or key in [tls]")),
        (None, Some(_), _) => {
            Err(half("a key needs its certificate: add --tls-cert, or certificate in [tls]"))
        }
    }
}

fn half(sentence: &str) -> Failure {
    Failure::Usage(sentence.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn certificate_and_key_belong_together() {
        let section = |text: &str| toml::from_str::<TlsSection>(text).expect("a section");
        let config = Some("/etc/stator/stator.toml".into());
        let told = |config: &Option<PathBuf>| Invocation { config: config.clone(), ..Invocation::default() };
        let files = resolve(&told(&config), section("certificate = \"tls/a.pem\"\nkey = \"/k.pem\""));
        let files = files.expect("both").expect("TLS");
        assert_eq!(files.certificate, Path::new("/etc/stator/tls/a.pem"));
        assert_eq!((files.key.as_path(), files.client_ca), (Path::new("/k.pem"), None));
        let flags = Invocation { tls_cert: Some("c".into()), tls_key: Some("k".into()), ..told(&config) };
        let files = resolve(&flags, section("certificate = \"tls/a.pem\"")).expect("both").expect("TLS");
        assert_eq!(files.certificate, Path::new("c"));
        assert_eq!(resolve(&told(&None), section("")).expect("nothing"), None);
        for half in ["certificate = \"a\"", "key = \"a\"", "client_ca = \"a\""] {
            assert!(matches!(resolve(&told(&None), section(half)), Err(Failure::Usage(_))), "{half}");
        }
    }
}
