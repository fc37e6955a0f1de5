//! The URL of a database: what it says of TLS, which is read here, and the rest, which is tokio-postgres's.

use crate::failure::sentence;
use crate::open::OpenError;
use crate::tls::{Identity, Security, Tls};
use percent_encoding::percent_decode_str;
use std::path::PathBuf;
use tokio_postgres::config::SslMode;
use tokio_postgres::{Config, Error};

/// How a database is reached.
pub(crate) struct Target {
    pub(crate) config: Config,
    pub(crate) tls: Tls,
}

impl Target {
    /// The same for each of its hosts.
    pub(crate) fn each(self) -> Vec<Target> {
        let Target { config, tls } = self;
        crate::hosts::each(config).into_iter().map(|config| Target { config, tls: tls.clone() }).collect()
    }
}

/// Reads the URL, and the files of certificates that it names.
pub(crate) fn read(url: &str) -> Result<Target, OpenError> {
    let (rest, asked) = split(url);
    let mut config: Config = rest.parse().map_err(|error: Error| OpenError::Url(sentence(&error)))?;
    let identity = asked.identity()?;
    let security = asked.security(&config)?;
    config.ssl_mode(security.mode());
    Ok(Target { config, tls: Tls::new(&security, identity.as_ref()).map_err(OpenError::Tls)? })
}

/// What the URL says of TLS.
#[derive(Debug, Default, PartialEq, Eq)]
struct Asked {
    mode: Option<String>,
    authorities: Option<PathBuf>,
    certificate: Option<PathBuf>,
    key: Option<PathBuf>,
}

impl Asked {
    fn identity(&self) -> Result<Option<Identity>, OpenError> {
        match (&self.certificate, &self.key) {
            (Some(certificate), Some(key)) => {
                Ok(Some(Identity { certificate: certificate.clone(), key: key.clone() }))
            }
            (None, None) => Ok(None),
            _ => Err(OpenError::Tls("sslcert and sslkey go together: a certificate and its key".to_owned())),
        }
    }

    fn security(self, config: &Config) -> Result<Security, OpenError> {
        let refused = |why: &str| Err(OpenError::Tls(why.to_owned()));
        let mode = match (&self.mode, config.get_ssl_mode()) {
            (Some(mode), _) => mode,
            (None, SslMode::Disable) => "disable",
            (None, SslMode::Require) => "require",
            (None, _) => "prefer",
        };
        match (mode, self.authorities) {
            ("disable", None) => Ok(Security::Disable),
            ("prefer", None) => Ok(Security::Prefer),
            ("require", None) => Ok(Security::Require),
            ("require" | "verify-ca", Some(file)) => Ok(Security::VerifyCa(file)),
            ("verify-full", Some(file)) => Ok(Security::VerifyFull(file)),
            ("verify-ca" | "verify-full", None) => {
                refused("sslmode=verify-ca and verify-full need sslrootcert, a file of authorities in PEM")
            }
            ("disable" | "prefer", Some(_)) => {
                refused("sslrootcert verifies nothing with this sslmode; say sslmode=verify-full")
            }
            _ => refused("sslmode is disable, prefer, require, verify-ca or verify-full"),
        }
    }
}

/// The URL without its parameters of TLS, and these.
fn split(url: &str) -> (String, Asked) {
    let mut asked = Asked::default();
    if !["postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme)) {
        return (url.to_owned(), asked);
    }
    // A password may have a question mark.
    let behind_password = url.find('@').unwrap_or(0);
    let Some(mark) = url[behind_password..].find('?').map(|mark| behind_password + mark) else {
        return (url.to_owned(), asked);
    };
    let (mut rest, mut joint) = (url[..mark].to_owned(), '?');
    for parameter in url[mark + 1..].split('&') {
        let value = |name: &str| {
            let (key, value) = parameter.split_once('=')?;
            (key == name).then(|| percent_decode_str(value).decode_utf8_lossy().into_owned())
        };
        if let Some(mode) = value("sslmode") {
            asked.mode = Some(mode);
        } else if let Some(file) = value("sslrootcert") {
            asked.authorities = Some(PathBuf::from(file));
        } else if let Some(file) = value("sslcert") {
            asked.certificate = Some(PathBuf::from(file));
        } else if let Some(file) = value("sslkey") {
            asked.key = Some(PathBuf::from(file));
        } else {
            rest.push(joint);
            rest.push_str(parameter);
            joint = '&';
        }
    }
    (rest, asked)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn security(url: &str) -> Result<Security, String> {
        let (rest, asked) = split(url);
        let config = rest.parse().expect("a URL");
        asked.security(&config).map_err(|error| error.to_string())
    }

    #[test]
    fn modes_as_libpq_words_them() {
        assert_eq!(security("postgres://u@a/d"), Ok(Security::Prefer));
        assert_eq!(security("postgres://u@a/d?sslmode=disable"), Ok(Security::Disable));
        assert_eq!(security("postgres://u@a/d?sslmode=prefer"), Ok(Security::Prefer));
        assert_eq!(security("postgres://u@a/d?sslmode=require"), Ok(Security::Require));
        assert_eq!(security("host=a user=u sslmode=require"), Ok(Security::Require));
        let file = || PathBuf::from("/a b/ca.pem");
        for mode in ["require", "verify-ca"] {
            let url = format!("postgresql://u@a/d?sslrootcert=%2Fa%20b/ca.pem&sslmode={mode}");
            assert_eq!(security(&url), Ok(Security::VerifyCa(file())));
        }
        let full = "postgres://u@a/d?sslmode=verify-full&sslrootcert=/a b/ca.pem";
        assert_eq!(security(full), Ok(Security::VerifyFull(file())));
    }

    #[test]
    fn what_would_verify_less_than_it_says_is_refused() {
        for url in [
            "postgres://u@a/d?sslmode=verify-full",
            "postgres://u@a/d?sslmode=verify-ca",
            "postgres://u@a/d?sslrootcert=/ca.pem",
            "postgres://u@a/d?sslmode=disable&sslrootcert=/ca.pem",
            "postgres://u@a/d?sslmode=allow",
            "postgres://u@a/d?sslmode=",
        ] {
            assert!(security(url).is_err(), "{url}");
        }
    }

    #[test]
    fn everything_else_stays_as_it_is() {
        let (rest, asked) = split(
            "postgres://u:a?b@h/d?user=w&sslmode=require&connect_timeout=3&sslrootcert=f&options=-c%20x=y",
        );
        assert_eq!(rest, "postgres://u:a?b@h/d?user=w&connect_timeout=3&options=-c%20x=y");
        let authorities = Some(PathBuf::from("f"));
        assert_eq!(asked, Asked { mode: Some("require".to_owned()), authorities, ..Asked::default() });
        let unchanged = "postgres:///d?user=u&host=/socket";
        assert_eq!(split(unchanged), (unchanged.to_owned(), Asked::default()));
    }
}
