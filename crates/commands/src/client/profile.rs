//! A profile of AWS's shared files, `~/.aws/config` and `~/.aws/credentials`: region and static keys. What needs more
//! than reading a file (single sign-on, roles, processes) is not understood.

use super::Variables;
use std::collections::HashMap;
use std::path::PathBuf;

/// The settings of a profile, those of `credentials` over those of `config`.
#[derive(Debug, Default)]
pub(super) struct Profile(HashMap<String, String>);

impl Profile {
    pub(super) fn read(variables: &Variables<'_>, name: &str) -> Profile {
        let in_config = if name == "default" { name.to_owned() } else { format!("profile {name}") };
        let config = file(variables, "AWS_CONFIG_FILE", "config");
        let credentials = file(variables, "AWS_SHARED_CREDENTIALS_FILE", "credentials");
        let mut settings = section(&config, &in_config);
        settings.extend(section(&credentials, name));
        Profile(settings)
    }

    pub(super) fn get(&self, setting: &str) -> Option<&str> {
        self.0.get(setting).map(String::as_str)
    }

    /// Whether neither file has it.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn file(variables: &Variables<'_>, variable: &str, name: &str) -> String {
    let home =
        || variables.first(&["HOME", "USERPROFILE"]).map(|home| PathBuf::from(home).join(".aws").join(name));
    let path = variables.get(variable).map(PathBuf::from).or_else(home);
    path.and_then(|path| variables.read(&path)).unwrap_or_default()
}

/// The lines `name = value` below `[section]`; indented ones belong to a nested setting.
fn section(text: &str, wanted: &str) -> HashMap<String, String> {
    let mut settings = HashMap::new();
    let mut is_wanted = false;
    for line in text.lines() {
        let trimmed = line.trim();
        if trimmed.starts_with(['#', ';']) {
            continue;
        }
        if let Some(name) = trimmed.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            is_wanted = name.0.trim() == wanted;
        } else if is_wanted && !line.starts_with([' ', '\t']) {
            let (name, value) = trimmed.split_once('=').unwrap_or_default();
            settings.insert(name.trim().to_owned(), value.trim().to_owned());
        }
    }
    settings.retain(|name, value| !name.is_empty() && !value.is_empty());
    settings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_files() {
        let file = |path: &PathBuf| {
            match path.to_str()? {
                "/me/.aws/config" => Some(
                    "[default]\nregion=eu-west-1\n[profile work]\nregion = us-west-2\ns3 =\n  region = x\n",
                ),
                "/keys" => Some("# mine\n[work]\naws_access_key_id=AK\naws_secret_access_key = a=b\n"),
                _ => None,
            }
            .map(str::to_owned)
        };
        let variable = |name: &str| match name {
            "HOME" => Some("/me".to_owned()),
            "AWS_SHARED_CREDENTIALS_FILE" => Some("/keys".to_owned()),
            _ => None,
        };
        let variables = Variables::new(&variable, &file);
        let work = Profile::read(&variables, "work");
        assert_eq!(work.get("region"), Some("us-west-2"));
        assert_eq!(work.get("aws_secret_access_key"), Some("a=b"));
        assert_eq!(Profile::read(&variables, "default").get("aws_access_key_id"), None);
        assert!(Profile::read(&variables, "other").is_empty());
    }
}
