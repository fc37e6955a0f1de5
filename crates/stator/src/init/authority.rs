//! A certificate for the server, from an authority that exists for it alone: its key is forgotten once it has signed.

use crate::failure::Failure;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, ExtendedKeyUsagePurpose,
    IsCa, KeyPair, KeyUsagePurpose, date_time_ymd,
};
use stdx::calendar::date_of;
use stdx::{Clock, SystemClock};

/// All of them PEM.
pub(super) struct Certificates {
    pub(super) authority: String,
    pub(super) server: String,
    pub(super) server_key: String,
}

const YEARS: i64 = 10;
const DAY_MICROS: u64 = 24 * 3_600 * 1_000_000;

/// Certificates for a server that clients reach by these names and addresses.
pub(super) fn certificates(names: Vec<String>) -> Result<Certificates, Failure> {
    let params = CertificateParams::new(names).map_err(|error| {
        Failure::Usage(format!("--tls-san takes a name such as db.example.com, or an IP address: {error}"))
    })?;
    signed(params).map_err(|error| Failure::Other(format!("cannot make certificates: {error}")))
}

fn signed(server: CertificateParams) -> Result<Certificates, rcgen::Error> {
    let mut authority = lasting("Stator", CertificateParams::default());
    authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let issuer = CertifiedIssuer::self_signed(authority, KeyPair::generate()?)?;
    let mut server = lasting("Stator server", server);
    server.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    server.use_authority_key_identifier_extension = true; // some clients require it
    let key = KeyPair::generate()?;
    let certificate = server.signed_by(&key, &issuer)?;
    Ok(Certificates { authority: issuer.pem(), server: certificate.pem(), server_key: key.serialize_pem() })
}

/// With a name, from the day before today on, for clients whose clocks are behind.
fn lasting(name: &str, mut params: CertificateParams) -> CertificateParams {
    let today = SystemClock.now_micros() / DAY_MICROS;
    let (year, month, day) = date_of(today as i64 - 1);
    let midnight = |year: i64, day: i64| date_time_ymd(year as i32, month as u8, day as u8);
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    (params.not_before, params.not_after) = (midnight(year, day), midnight(year + YEARS, day.min(28)));
    params
}
