//! Where the server is, and in which region: from the command line, else from the environment, else this machine.

use super::profile::Profile;
use super::{Api, Variables, credentials};
use clap::Args;
use http::Uri;
use identity::Signer;
use std::path::PathBuf;

/// Stator's default address.
const DEFAULT_ENDPOINT: &str = "http://127.0.0.1:8000";
const DEFAULT_REGION: &str = "us-east-1";

const SERVER: &str = "Server";

/// The options of a command line that select the server.
#[derive(Debug, Clone, Default, Args)]
pub struct Named {
    /// URL of the server
    #[arg(long, alias = "endpoint-url", value_name = "URL", help_heading = SERVER)]
    pub endpoint: Option<String>,

    /// AWS itself
    #[arg(long, conflicts_with = "endpoint", help_heading = SERVER)]
    pub aws: bool,

    /// Region of what is named [default: AWS_REGION, else us-east-1]
    #[arg(long, value_name = "NAME", help_heading = SERVER)]
    pub region: Option<String>,

    /// Profile of ~/.aws/config and ~/.aws/credentials to take keys and region from
    #[arg(long, value_name = "NAME", help_heading = SERVER)]
    pub profile: Option<String>,
}

/// A server: its endpoints, and the region of the caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    dynamodb: Uri,
    streams: Uri,
    logs: Uri,
    cloudwatch: Uri,
    region: String,
    is_aws: bool,
    /// In PEM.
    authorities: Option<String>,
}

impl Place {
    /// The selected server and the keys to call it with, or a sentence that names what is missing.
    pub fn resolve(named: &Named, variables: &Variables<'_>) -> Result<(Place, Signer), String> {
        let name = named.profile.clone().or_else(|| variables.get("AWS_PROFILE"));
        let profile = match (&name, named.aws) {
            (None, false) => Profile::default(),
            (name, _) => Profile::read(variables, name.as_deref().unwrap_or("default")),
        };
        if let Some(name) = name.filter(|_| profile.is_empty()) {
            return Err(format!("there is no profile {name} in ~/.aws/config or ~/.aws/credentials"));
        }
        let region = region(named, variables, &profile)?;
        let place = if named.aws { Place::aws(&region)? } else { Place::own(named, variables, &region)? };
        let place = Place { authorities: authorities(variables, &profile)?, ..place };
        let signer = credentials::find(named.aws, region, variables, &profile)?;
        Ok((place, signer))
    }

    fn aws(region: &str) -> Result<Place, String> {
        let suffix = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
        Ok(Place {
            dynamodb: uri(&format!("https://dynamodb.{region}.{suffix}"))?,
            streams: uri(&format!("https://streams.dynamodb.{region}.{suffix}"))?,
            logs: uri(&format!("https://logs.{region}.{suffix}"))?,
            cloudwatch: uri(&format!("https://monitoring.{region}.{suffix}"))?,
            region: region.to_owned(),
            is_aws: true,
            authorities: None,
        })
    }

    fn own(named: &Named, variables: &Variables<'_>, region: &str) -> Result<Place, String> {
        let endpoint = |variable| {
            let of_environment =
                || variables.first(&[variable, "AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL"]);
            let endpoint = named.endpoint.clone().or_else(of_environment);
            uri(endpoint.as_deref().unwrap_or(DEFAULT_ENDPOINT))
        };
        Ok(Place {
            dynamodb: endpoint("AWS_ENDPOINT_URL_DYNAMODB")?,
            streams: endpoint("AWS_ENDPOINT_URL_DYNAMODB_STREAMS")?,
            logs: endpoint("AWS_ENDPOINT_URL_CLOUDWATCH_LOGS")?,
            cloudwatch: endpoint("AWS_ENDPOINT_URL_CLOUDWATCH")?,
            region: region.to_owned(),
            is_aws: false,
            authorities: None,
        })
    }

    /// Where an API's operations are called.
    pub fn uri(&self, api: Api) -> &Uri {
        match api {
            Api::DynamoDb => &self.dynamodb,
            Api::Streams => &self.streams,
            Api::Logs => &self.logs,
            Api::CloudWatch => &self.cloudwatch,
        }
    }

    /// The region.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// Whether it is AWS.
    pub fn is_aws(&self) -> bool {
        self.is_aws
    }

    /// The certificates of the authorities that the server is trusted by, in PEM; `None`: those that everybody trusts.
    pub fn authorities(&self) -> Option<&str> {
        self.authorities.as_deref()
    }

    /// The URL for people, without the slash at its end.
    pub fn url(&self) -> String {
        self.dynamodb.to_string().trim_end_matches('/').to_owned()
    }
}

fn region(named: &Named, variables: &Variables<'_>, profile: &Profile) -> Result<String, String> {
    let of_profile = || profile.get("region").map(str::to_owned);
    let of_variables = || variables.first(&["AWS_REGION", "AWS_DEFAULT_REGION"]);
    let region = named.region.clone().or_else(of_variables).or_else(of_profile);
    match region {
        None if named.aws => Err("which region of AWS? Say --region eu-west-1, or set AWS_REGION".to_owned()),
        Some(region) if !is_region(&region) => Err(format!("{region:?} is no name of a region")),
        region => Ok(region.unwrap_or_else(|| DEFAULT_REGION.to_owned())),
    }
}

/// As AWS's clients find them.
fn authorities(variables: &Variables<'_>, profile: &Profile) -> Result<Option<String>, String> {
    let named = variables.get("AWS_CA_BUNDLE").or_else(|| profile.get("ca_bundle").map(str::to_owned));
    let Some(path) = named.map(PathBuf::from) else { return Ok(None) };
    let text = variables.read(&path).filter(|text| text.contains("-----BEGIN CERTIFICATE-----"));
    text.map(Some).ok_or_else(|| format!("{path:?} has no certificates; AWS_CA_BUNDLE or ca_bundle names it"))
}

/// It becomes a part of a host name and of the signature.
fn is_region(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

fn uri(endpoint: &str) -> Result<Uri, String> {
    let uri: Option<Uri> = endpoint.parse().ok();
    let is_url = |uri: &Uri| matches!(uri.scheme_str(), Some("http" | "https")) && uri.authority().is_some();
    uri.filter(is_url).ok_or_else(|| {
        format!("{endpoint:?} is no endpoint: it looks like {DEFAULT_ENDPOINT}, with http or https in front")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(named: Named, set: &[(&str, &str)]) -> Result<(Place, Signer), String> {
        let variable =
            |name: &str| set.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned());
        let file = |_: &PathBuf| {
            Some(
                "[default]\nregion = eu-north-1\naws_access_key_id = FILE\naws_secret_access_key = s"
                    .to_owned(),
            )
        };
        Place::resolve(&named, &Variables::new(&variable, &file))
    }

    #[test]
    fn this_machine_unless_said_otherwise() {
        let (place, signer) = resolve(Named::default(), &[]).unwrap();
        assert_eq!(
            (&*place.url(), place.region(), &*signer.access_key_id),
            (DEFAULT_ENDPOINT, "us-east-1", "local")
        );
        let set = [
            ("AWS_ENDPOINT_URL", "http://a:1"),
            ("AWS_ENDPOINT_URL_DYNAMODB_STREAMS", "http://b:2"),
            ("AWS_REGION", "eu-west-1"),
        ];
        let (place, _) = resolve(Named::default(), &set).unwrap();
        assert_eq!((&*place.url(), place.region()), ("http://a:1", "eu-west-1"));
        assert_eq!(place.uri(Api::Streams).to_string(), "http://b:2/");
        let named =
            Named { endpoint: Some("http://c:3".into()), region: Some("here".into()), ..Named::default() };
        let (place, _) = resolve(named, &set).unwrap();
        assert_eq!((place.uri(Api::Streams).to_string(), place.region()), ("http://c:3/".into(), "here"));
    }

    #[test]
    fn aws_by_its_environment_or_files() {
        let aws = || Named { aws: true, ..Named::default() };
        let keys = [
            ("AWS_REGION", "cn-north-1"),
            ("AWS_ACCESS_KEY_ID", "AK"),
            ("AWS_SECRET_ACCESS_KEY", "s"),
            ("AWS_SESSION_TOKEN", "t"),
        ];
        let (place, signer) = resolve(aws(), &keys).unwrap();
        assert_eq!(
            place.uri(Api::Streams).to_string(),
            "https://streams.dynamodb.cn-north-1.amazonaws.com.cn/"
        );
        assert_eq!((&*signer.access_key_id, signer.session_token.as_deref()), ("AK", Some("t")));
        let (place, signer) = resolve(aws(), &[("HOME", "/h")]).unwrap();
        assert_eq!((place.region(), &*signer.access_key_id), ("eu-north-1", "FILE"));
    }

    #[test]
    fn what_is_missing_is_said() {
        let named = |endpoint: &str| Named { endpoint: Some(endpoint.to_owned()), ..Named::default() };
        assert!(resolve(named("127.0.0.1:8000"), &[]).unwrap_err().contains("with http or https"));
        assert!(resolve(Named { region: Some("a.b".into()), ..Named::default() }, &[]).is_err());
        assert!(
            resolve(Named { profile: Some("x".into()), ..Named::default() }, &[])
                .unwrap_err()
                .contains("profile x")
        );
        let unread = resolve(Named::default(), &[("AWS_CA_BUNDLE", "/ca.pem")]).unwrap_err();
        assert!(unread.starts_with("\"/ca.pem\" has no certificates"), "{unread}");
    }
}
