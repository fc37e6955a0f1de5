//! Sessions that services of this server make for what they run: of a role that trusts the service, or of the account
//! itself.

use iam::Directory;
use iam::account::Owner;
use iam::session::{Session, SessionOf};
use iam::{draw_key_id, draw_secret};
use policy::request::one;
use policy::{
    Context, Decision, Grants, Kind, Layer, Policy, Request, Requester, ResourceSide, Values, Who, decide,
};
use std::collections::BTreeMap;
use stdx::Random;

/// Credentials of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceSession {
    /// `ASIA…`.
    pub access_key_id: String,
    /// The secret of the key.
    pub secret_access_key: String,
    /// The token that must come with each request.
    pub session_token: String,
    /// When it ends, in microseconds since the Unix epoch.
    pub expires_micros: u64,
}

/// A service that asks for a session.
#[derive(Debug, Clone, Copy)]
pub struct Asker<'a> {
    /// As trust policies name it, such as `lambda.amazonaws.com`.
    pub service: &'a str,
    /// The ARN of the resource that it asks for.
    pub source_arn: &'a str,
}

/// What a trust policy may ask about it, so that a service is not talked into a session for somebody else's resource.
impl Context for Asker<'_> {
    fn values(&self, key: &str) -> Option<Values<'_>> {
        let value = match key {
            "aws:sourcearn" => self.source_arn,
            "aws:sourceaccount" => self.source_arn.split(':').nth(4)?,
            "aws:principalisawsservice" => "true",
            "aws:principalservicename" => self.service,
            _ => return None,
        };
        Some(one(value))
    }
}

/// When sessions begin, and for how long they last.
#[derive(Debug, Clone, Copy)]
pub struct Lasting {
    /// In microseconds since the Unix epoch.
    pub now_micros: u64,
    /// In seconds.
    pub seconds: u64,
}

/// A session of a role of an account, by the role's ARN; `None` where there is no such role, or it does not trust the
/// service.
pub fn of_role(
    directory: &Directory,
    (account, arn, session): (&str, &str, &str),
    asker: Asker<'_>,
    lasting: Lasting,
    random: &Random,
) -> Option<ServiceSession> {
    let (owner, name) = crate::role_session::parse_arn(arn).ok().filter(|(owner, _)| *owner == account)?;
    let found = directory.account(owner);
    let role = found.role(name).ok().filter(|role| role.entity.arn(Owner::Role, owner) == arn)?;
    let trust = Policy::parse(&role.trust, Kind::Trust).ok()?;
    let request = Request {
        requester: Requester { account: owner, who: Who::Service(asker.service) },
        action: "sts:AssumeRole",
        resource: arn.into(),
        owner,
        context: &asker,
    };
    match decide(&request, &Grants::default(), ResourceSide::Required(Layer::Trust, &trust)) {
        Decision::Allowed(_) => {
            let who = SessionOf::Role { role: role.entity.name.clone(), session: session.to_owned() };
            Some(make(directory, account, who, lasting, random))
        }
        Decision::Denied(_) => None,
    }
}

/// A session of the account itself.
pub fn of_account(directory: &Directory, account: &str, lasting: Lasting, random: &Random) -> ServiceSession {
    make(directory, account, SessionOf::Root, lasting, random)
}

fn make(
    directory: &Directory,
    account: &str,
    who: SessionOf,
    Lasting { now_micros, seconds }: Lasting,
    random: &Random,
) -> ServiceSession {
    let issued = now_micros / 1_000_000;
    let session = Session {
        key_id: draw_key_id("ASIA", account, random),
        secret: draw_secret(),
        account: account.to_owned(),
        who,
        issued,
        expires: issued + seconds,
        policies: None,
        tags: Vec::new(),
        transitive: Vec::new(),
        claims: BTreeMap::new(),
        source_identity: None,
    };
    ServiceSession {
        session_token: session.seal(directory.sealing()),
        expires_micros: session.expires * 1_000_000,
        access_key_id: session.key_id,
        secret_access_key: session.secret,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use iam::account::{Entity, Role};
    use identity::{CredentialSource, Credentials, PrincipalKind};
    use std::sync::Arc;
    use stdx::ManualClock;
    use store::MemoryStore;
    use store::wait::wait;

    const ACCOUNT: &str = "123456789012";
    const LASTING: Lasting = Lasting { now_micros: 1_000_000, seconds: 60 };

    fn directory(trusted: &str) -> Directory {
        directory_with(trusted, "")
    }

    fn directory_with(trusted: &str, condition: &str) -> Directory {
        let store = Arc::new(MemoryStore::new(Arc::new(ManualClock::at(1))));
        let directory = wait(Directory::open(store, Credentials::default())).unwrap();
        let trust = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"Service":"{trusted}"}},"Action":"sts:AssumeRole"{condition}}}]}}"#
        );
        let added = wait(directory.change(ACCOUNT, |account| {
            let entity = Entity { name: "r".to_owned(), path: "/".to_owned(), ..Entity::default() };
            let role = Role { entity, trust: trust.clone(), ..Role::default() };
            account.roles.insert("r".to_owned(), role);
            Ok(())
        }));
        added.unwrap();
        wait(directory.refresh()).unwrap();
        directory
    }

    fn assumed(directory: &Directory, arn: &str) -> Option<ServiceSession> {
        let random = Random::from_seed(1);
        let source_arn = "arn:aws:lambda:us-east-1:123456789012:function:f";
        let asker = Asker { service: "lambda.amazonaws.com", source_arn };
        of_role(directory, (ACCOUNT, arn, "f"), asker, LASTING, &random)
    }

    #[test]
    fn a_role_that_trusts_the_service_has_sessions() {
        let directory = directory("lambda.amazonaws.com");
        let session = assumed(&directory, "arn:aws:iam::123456789012:role/r").unwrap();
        assert_eq!(session.expires_micros, 61_000_000);
        let found = directory.find(&session.access_key_id, Some(&session.session_token)).unwrap();
        assert!(
            matches!(&found.principal.kind, PrincipalKind::Role { arn, .. } if arn.ends_with("role/r/f"))
        );
        assert_eq!(found.account.as_deref(), Some(ACCOUNT));
        assert_eq!(assumed(&directory, "arn:aws:iam::123456789012:role/other"), None);
        assert_eq!(assumed(&directory, "arn:aws:iam::210987654321:role/r"), None);
    }

    #[test]
    fn a_trust_policy_sees_for_what_the_service_asks() {
        for (condition, is_met) in [
            (r#","Condition":{"StringEquals":{"aws:SourceAccount":"123456789012"}}"#, true),
            (r#","Condition":{"StringEquals":{"aws:SourceAccount":"210987654321"}}"#, false),
            (
                r#","Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:lambda:*:123456789012:function:f"}}"#,
                true,
            ),
            (
                r#","Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:lambda:*:123456789012:function:g"}}"#,
                false,
            ),
        ] {
            let directory = directory_with("lambda.amazonaws.com", condition);
            let session = assumed(&directory, "arn:aws:iam::123456789012:role/r");
            assert_eq!(session.is_some(), is_met, "{condition}");
        }
    }

    #[test]
    fn a_role_that_trusts_others_has_none() {
        let directory = directory("ec2.amazonaws.com");
        assert_eq!(assumed(&directory, "arn:aws:iam::123456789012:role/r"), None);
        let session = of_account(&directory, ACCOUNT, LASTING, &Random::from_seed(1));
        let found = directory.find(&session.access_key_id, Some(&session.session_token)).unwrap();
        assert_eq!(found.principal.kind, PrincipalKind::Root);
    }
}
