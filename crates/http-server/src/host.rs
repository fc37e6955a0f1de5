//! Which `Host` a listener answers to. A page of any web site can make a browser resolve the site's own name
//! to 127.0.0.1 and then talk to a local server as if it were the site (DNS rebinding); such requests carry
//! the site's name. Bound to loopback, only names that mean this machine are taken.

use std::net::{IpAddr, Ipv6Addr};

/// The rule of one listener.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HostRule {
    /// Any name: containers and load balancers call a server what they like.
    Any,
    /// Loopback names, IP literals, and these.
    Loopback(Vec<String>),
}

impl HostRule {
    /// The rule of a listener on `address`.
    pub fn of(address: IpAddr, names: Vec<String>) -> Self {
        if address.is_loopback() { HostRule::Loopback(names) } else { HostRule::Any }
    }

    /// Whether a request with this `Host` is answered. Browsers always send one, so none is harmless.
    pub(crate) fn takes(&self, host: &str) -> bool {
        match self {
            HostRule::Any => true,
            HostRule::Loopback(names) => {
                let name = without_port(host);
                name.is_empty()
                    || is_this_machine(name)
                    || names.iter().any(|known| known.eq_ignore_ascii_case(name))
            }
        }
    }
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) && !name.ends_with(':') => name,
        _ => host,
    }
}

/// Names no foreign site can own: `localhost` and below, the name containers know their host by, addresses. The
/// commonest two are compared first: parsing an address takes ten times as long.
fn is_this_machine(name: &str) -> bool {
    if name == "127.0.0.1" || name.eq_ignore_ascii_case("localhost") {
        return true;
    }
    let name = name.trim_end_matches('.');
    name.eq_ignore_ascii_case("localhost")
        || is_address(name)
        || is_below_localhost(name)
        || name.eq_ignore_ascii_case("host.docker.internal")
}

fn is_below_localhost(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, last)| last.eq_ignore_ascii_case("localhost"))
}

fn is_address(name: &str) -> bool {
    let bracketed = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    match bracketed {
        Some(address) => address.parse::<Ipv6Addr>().is_ok(),
        None => name.parse::<IpAddr>().is_ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_this_machine() {
        let rule = HostRule::of(IpAddr::from([127, 0, 0, 1]), vec!["db.test".into()]);
        for (host, expect) in [
            ("localhost", true),
            ("localhost:8000", true),
            ("LOCALHOST:8000", true),
            ("dynamodb.eu-west-1.localhost:8000", true),
            ("127.0.0.1:8000", true),
            ("192.168.1.7:8000", true),
            ("[::1]:8000", true),
            ("[::1]", true),
            ("host.docker.internal:8000", true),
            ("db.test:8000", true),
            ("", true),
            ("evil.example", false),
            ("evil.example:8000", false),
            ("localhost.evil.example:8000", false),
            ("127.0.0.1.evil.example", false),
            ("dynamodb.us-east-1.amazonaws.com", false),
        ] {
            assert_eq!(rule.takes(host), expect, "{host}");
        }
        assert!(HostRule::of(IpAddr::from([0, 0, 0, 0]), Vec::new()).takes("evil.example"));
    }
}
