//! TLS to the database, in libpq's words: how much of it the URL asks for, what is verified, and the handshake.
//!
//! Authorities and the client's certificate are read once, when the store opens. A password is proved with the server's
//! certificate where that can be ([`crate::tls_binding`]).

use crate::tls_binding;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme, version,
};
use std::future::Future;
use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::Socket;
use tokio_postgres::config::SslMode;
use tokio_postgres::tls::{ChannelBinding, MakeTlsConnect, TlsConnect};
use tokio_rustls::TlsConnector;

/// The protocol's name, which servers from version 17 on select.
const PROTOCOL: &[u8] = b"postgresql";

/// `sslmode`, and `sslrootcert` with those that verify by it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Security {
    /// Never TLS.
    Disable,
    /// TLS where the server speaks it. Nothing is verified.
    Prefer,
    /// TLS from anybody.
    Require,
    /// TLS from a server with a certificate of these authorities.
    VerifyCa(PathBuf),
    /// The same, and the certificate has the name of the host.
    VerifyFull(PathBuf),
}

impl Security {
    /// What is asked of the server. Whom to believe is decided in the handshake.
    pub(crate) fn mode(&self) -> SslMode {
        match self {
            Security::Disable => SslMode::Disable,
            Security::Prefer => SslMode::Prefer,
            Security::Require | Security::VerifyCa(_) | Security::VerifyFull(_) => SslMode::Require,
        }
    }
}

/// `sslcert` and `sslkey`: who the client is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

impl Identity {
    /// The chain, the client's own certificate first, and its key.
    fn read(&self) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), String> {
        let Identity { certificate, key } = self;
        let chain = certificates(certificate).map_err(|why| unusable("sslcert", certificate, &why))?;
        let key = PrivateKeyDer::from_pem_file(key).map_err(|error| {
            unusable("sslkey", key, &format!("{error}; it must be a key in PEM without a password"))
        })?;
        Ok((chain, key))
    }
}

fn unusable(what: &str, file: &Path, why: &str) -> String {
    format!("cannot use {what} {}: {why}", file.display())
}

/// Makes handshakes. Cloning it shares it.
#[derive(Clone)]
pub(crate) struct Tls(Arc<ClientConfig>);

impl Tls {
    /// Reads the authorities, and the certificate of a client that has one; in a sentence, why they cannot be used.
    pub(crate) fn new(security: &Security, identity: Option<&Identity>) -> Result<Tls, String> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier = Arc::new(Verifier::new(security, &provider)?);
        let builder = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&version::TLS13, &version::TLS12])
            .expect("ring has suites for both versions")
            .dangerous()
            .with_custom_certificate_verifier(verifier);
        let mut config = match identity {
            Some(identity) => {
                let (chain, key) = identity.read()?;
                let built = builder.with_client_auth_cert(chain, key);
                built.map_err(|error| unusable("sslkey", &identity.key, &error.to_string()))?
            }
            None => builder.with_no_client_auth(),
        };
        config.alpn_protocols = vec![PROTOCOL.to_vec()];
        Ok(Tls(Arc::new(config)))
    }
}

/// Whom to believe.
#[derive(Debug)]
struct Verifier {
    /// `None`: anybody.
    authorities: Option<Arc<WebPkiServerVerifier>>,
    /// Whether the name must be the host's.
    name: bool,
    provider: Arc<CryptoProvider>,
}

impl Verifier {
    fn new(security: &Security, provider: &Arc<CryptoProvider>) -> Result<Verifier, String> {
        let (file, name) = match security {
            Security::Disable | Security::Prefer | Security::Require => (None, false),
            Security::VerifyCa(file) => (Some(file), false),
            Security::VerifyFull(file) => (Some(file), true),
        };
        let authorities = file.map(|file| authorities(file, provider)).transpose()?;
        Ok(Verifier { authorities, name, provider: Arc::clone(provider) })
    }
}

fn authorities(file: &Path, provider: &Arc<CryptoProvider>) -> Result<Arc<WebPkiServerVerifier>, String> {
    let unusable = |reason: String| unusable("sslrootcert", file, &reason);
    let mut roots = RootCertStore::empty();
    for certificate in certificates(file).map_err(unusable)? {
        roots.add(certificate).map_err(|error| unusable(error.to_string()))?;
    }
    let built = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider)).build();
    built.map_err(|error| unusable(error.to_string()))
}

/// Those of a file: one at least.
fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let read = CertificateDer::pem_file_iter(file).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let read = read.map_err(|error| error.to_string())?;
    match read.is_empty() {
        true => Err("there is no certificate in it; it must be PEM".to_owned()),
        false => Ok(read),
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Some(authorities) = &self.authorities else { return Ok(ServerCertVerified::assertion()) };
        match authorities.verify_server_cert(certificate, intermediates, name, ocsp, now) {
            // The name is looked at last, so all else is right.
            Err(Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) if !self.name => Ok(ServerCertVerified::assertion()),
            verdict => verdict,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// Why a handshake failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HandshakeError {
    #[error("no authority of sslrootcert has signed the server's certificate")]
    Authority,
    #[error("the server's certificate is not for {0}")]
    Name(String),
    #[error("{0}")]
    Other(String),
}

/// Whether a connection failed in the handshake, with a server that speaks TLS.
pub(crate) fn is_handshake(error: &tokio_postgres::Error) -> bool {
    std::error::Error::source(error).is_some_and(|cause| cause.is::<HandshakeError>())
}

/// A handshake with one host.
pub(crate) struct Handshake {
    config: Arc<ClientConfig>,
    host: String,
}

impl MakeTlsConnect<Socket> for Tls {
    type Stream = TlsStream;
    type TlsConnect = Handshake;
    type Error = HandshakeError;

    fn make_tls_connect(&mut self, host: &str) -> Result<Handshake, HandshakeError> {
        Ok(Handshake { config: Arc::clone(&self.0), host: host.to_owned() })
    }
}

impl TlsConnect<Socket> for Handshake {
    type Stream = TlsStream;
    type Error = HandshakeError;
    type Future = Pin<Box<dyn Future<Output = Result<TlsStream, HandshakeError>> + Send>>;

    fn connect(self, socket: Socket) -> Self::Future {
        Box::pin(async move {
            let name = ServerName::try_from(self.host.clone())
                .map_err(|_| HandshakeError::Other(format!("{} is no name of a host", self.host)))?;
            let connected = TlsConnector::from(self.config).connect(name, socket).await;
            connected.map(TlsStream).map_err(|error| failed(self.host, &error))
        })
    }
}

fn failed(host: String, error: &io::Error) -> HandshakeError {
    let cause = error.get_ref().and_then(|cause| cause.downcast_ref::<Error>());
    match cause {
        // A bad signature is that of another authority of the same name.
        Some(Error::InvalidCertificate(CertificateError::UnknownIssuer | CertificateError::BadSignature)) => {
            HandshakeError::Authority
        }
        Some(Error::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        )) => HandshakeError::Name(host),
        _ => HandshakeError::Other(error.to_string()),
    }
}

/// A connection under TLS.
pub(crate) struct TlsStream(tokio_rustls::client::TlsStream<Socket>);

impl tokio_postgres::tls::TlsStream for TlsStream {
    fn channel_binding(&self) -> ChannelBinding {
        let (_, connection) = self.0.get_ref();
        let certificate = connection.peer_certificates().and_then(<[_]>::first);
        let binding = certificate.and_then(|certificate| tls_binding::of_certificate(certificate));
        binding.map_or_else(ChannelBinding::none, ChannelBinding::tls_server_end_point)
    }
}

impl AsyncRead for TlsStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, bytes)
    }
}

impl AsyncWrite for TlsStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}
