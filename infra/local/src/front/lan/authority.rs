//! The authority that a phone is told to trust, and the certificate that it signs at every start.
//!
//! The authority is kept with the data, so that a phone is asked once. It may vouch for addresses
//! only, never for names: whoever steals its key cannot pose as a bank.

use std::fs;
use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use jiff::{Timestamp, ToSpan, tz::TimeZone};
use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    NameConstraints, SanType, date_time_ymd,
};

use super::LanError;

/// What a phone is told to trust, and what is shown to it.
pub(super) struct Authority {
    /// The authority's own certificate.
    pub(super) pem: String,
    key: KeyPair,
}

/// A certificate and its key, in DER.
pub(super) struct Leaf {
    pub(super) certificate: Vec<u8>,
    pub(super) key: Vec<u8>,
}

impl Authority {
    /// The one in `folder`, made there at the first start.
    ///
    /// # Errors
    ///
    /// When the folder cannot be written, or holds something else.
    pub(super) fn open(folder: &Path) -> Result<Self, LanError> {
        let failed = |source| LanError::Folder { path: folder.into(), source };
        let (key_file, pem_file) = (folder.join("authority.key"), folder.join("authority.crt"));
        if key_file.exists() && pem_file.exists() {
            let key = KeyPair::from_pem(&fs::read_to_string(&key_file).map_err(failed)?)?;
            return Ok(Self { pem: fs::read_to_string(&pem_file).map_err(failed)?, key });
        }
        let key = KeyPair::generate()?;
        let mut params = params()?;
        lasting(&mut params, AUTHORITY_DAYS);
        let pem = params.self_signed(&key)?.pem();
        fs::create_dir_all(folder).map_err(failed)?;
        write_for_owner(&key_file, &key.serialize_pem()).map_err(failed)?;
        fs::write(&pem_file, &pem).map_err(failed)?;
        Ok(Self { pem, key })
    }

    /// A certificate for these addresses.
    ///
    /// # Errors
    ///
    /// When it cannot be signed.
    pub(super) fn sign(&self, addresses: &[Ipv4Addr]) -> Result<Leaf, LanError> {
        let issuer = Issuer::new(params()?, &self.key);
        let mut leaf = CertificateParams::default();
        leaf.distinguished_name = named("Avileo en esta red");
        leaf.subject_alt_names =
            addresses.iter().map(|address| SanType::IpAddress(IpAddr::V4(*address))).collect();
        leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        leaf.use_authority_key_identifier_extension = true;
        lasting(&mut leaf, LEAF_DAYS);
        let key = KeyPair::generate()?;
        let certificate = leaf.signed_by(&key, &issuer)?;
        Ok(Leaf { certificate: certificate.der().to_vec(), key: key.serialize_der() })
    }
}

/// What of the authority is the same at every start.
fn params() -> Result<CertificateParams, LanError> {
    let mut params = CertificateParams::new(Vec::new())?;
    params.distinguished_name = named("Avileo, autoridad de esta máquina");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
    params.name_constraints = Some(NameConstraints {
        permitted_subtrees: vec![
            GeneralSubtree::IpAddress(CidrSubnet::V4([0; 4], [0; 4])),
            // A name that nobody can have, so that no other is allowed.
            GeneralSubtree::DnsName("invalid".to_owned()),
        ],
        excluded_subtrees: Vec::new(),
    });
    Ok(params)
}

fn named(name: &str) -> DistinguishedName {
    let mut names = DistinguishedName::new();
    names.push(DnType::CommonName, name);
    names
}

/// From yesterday, since a phone's clock may lag, for so many days.
fn lasting(params: &mut CertificateParams, days: i64) {
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    let day = |after: i64| {
        let date = today.saturating_add(after.days());
        let part = |part: i8| u8::try_from(part).unwrap_or(1);
        date_time_ymd(date.year().into(), part(date.month()), part(date.day()))
    };
    (params.not_before, params.not_after) = (day(-1), day(days));
}

fn write_for_owner(file: &Path, text: &str) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(file)?
        .write_all(text.as_bytes())
}

/// Ten years.
const AUTHORITY_DAYS: i64 = 3_650;

/// iOS refuses whatever lasts longer than 825 days.
const LEAF_DAYS: i64 = 397;

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_phone_trusts_the_same_authority_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("tls");
        let first = Authority::open(&place).unwrap();
        let again = Authority::open(&place).unwrap();
        assert_eq!(first.pem, again.pem);
        again.sign(&[Ipv4Addr::LOCALHOST]).unwrap();
        let mode = fs::metadata(place.join("authority.key")).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "the key is for its owner's eyes only");
    }
}
