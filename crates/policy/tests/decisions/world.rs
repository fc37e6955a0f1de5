//! What holds for a request: who asks, and the policies; and the crate's answer in the words of the tables.

use policy::request::several;
use policy::{
    Attached, Context, Decision, Denial, Grants, Kind, Layer, Policy, Request, Requester, ResourceSide,
    SourceKind, Values, Who,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The account of principals that name no other.
pub const HOME: &str = "111111111111";

/// Policies and the principal.
#[derive(Debug, Clone, Default)]
pub struct World {
    /// `user`, `session`, `root`, `federated`, `service`, `web`, `anonymous`; with another account's name:
    /// `user@2222…`.
    pub who: Option<String>,
    pub owner: Option<String>,
    pub identity: Vec<Value>,
    pub boundary: Option<Value>,
    pub session: Option<Vec<Value>>,
    pub resource: Option<Value>,
    pub trust: Option<Value>,
}

/// A request.
#[derive(Debug, Clone)]
pub struct Question {
    pub action: String,
    pub resource: String,
    pub keys: BTreeMap<String, Vec<String>>,
}

impl Context for Question {
    fn values(&self, key: &str) -> Option<Values<'_>> {
        self.keys.get(key).map(several)
    }
}

/// The principal, in words that live as long as the world.
pub struct Asker {
    pub kind: String,
    pub account: String,
    pub arn: String,
    pub role_arn: String,
}

impl World {
    /// A line of a table.
    pub fn set(&mut self, word: &str, rest: &str) {
        let document = || document(serde_json::from_str(rest).expect(rest));
        match word {
            "who" => self.who = Some(rest.to_owned()),
            "owner" => self.owner = Some(rest.to_owned()),
            "identity" => self.identity.push(document()),
            "boundary" => self.boundary = Some(document()),
            "session" if rest == "none" => self.session = Some(Vec::new()),
            "session" => self.session.get_or_insert_default().push(document()),
            "resource" => self.resource = Some(document()),
            "trust" => self.trust = Some(document()),
            _ => unreachable!("{word}"),
        }
    }

    pub fn asker(&self) -> Asker {
        let who = self.who.as_deref().unwrap_or("user");
        let (kind, account) = who.split_once('@').unwrap_or((who, HOME));
        let role_arn = format!("arn:aws:iam::{account}:role/R");
        let arn = match kind {
            "user" => format!("arn:aws:iam::{account}:user/U"),
            "session" => format!("arn:aws:sts::{account}:assumed-role/R/S"),
            "federated" => format!("arn:aws:sts::{account}:federated-user/F"),
            _ => String::new(),
        };
        Asker { kind: kind.to_owned(), account: account.to_owned(), arn, role_arn }
    }

    pub fn owner(&self) -> &str {
        self.owner.as_deref().unwrap_or(HOME)
    }

    /// The crate's decision.
    pub fn decide(&self, question: &Question) -> String {
        let asker = self.asker();
        let who = match asker.kind.as_str() {
            "user" => Who::User { arn: &asker.arn, id: "AIDAAAAAAAAAAAAAAAAAA" },
            "session" => {
                Who::Session { arn: &asker.arn, role_arn: &asker.role_arn, role_id: "AROAAAAAAAAAAAAAAAAAA" }
            }
            "root" => Who::Root,
            "federated" => Who::Federated { arn: &asker.arn },
            "service" => Who::Service("lambda.amazonaws.com"),
            "web" => Who::WebIdentity("idp.example.com"),
            "anonymous" => Who::Anonymous,
            other => unreachable!("{other}"),
        };
        let account = if matches!(who, Who::Service(_) | Who::WebIdentity(_) | Who::Anonymous) {
            ""
        } else {
            &asker.account
        };
        let attached = |documents: &[Value]| {
            documents.iter().enumerate().map(|(n, document)| attached(n, document)).collect::<Vec<_>>()
        };
        let grants = Grants {
            identity: attached(&self.identity),
            boundary: self.boundary.as_ref().map(|document| self::attached(0, document)),
            session: self.session.as_deref().map(attached),
        };
        let resource = self.resource.as_ref().map(|document| parse(document, Kind::Resource));
        let trust = self.trust.as_ref().map(|document| parse(document, Kind::Trust));
        let side = match &trust {
            Some(trust) => ResourceSide::Required(Layer::Trust, trust),
            None => ResourceSide::Beside(resource.as_ref()),
        };
        let request = Request {
            requester: Requester { account, who },
            action: &question.action,
            resource: question.resource.as_str().into(),
            owner: self.owner(),
            context: question,
        };
        words(&policy::decide(&request, &grants, side))
    }
}

fn words(decision: &Decision<'_>) -> String {
    let layer = |layer: Layer| format!("{layer:?}").to_lowercase();
    let at = |by: &policy::Deciding<'_>| {
        let policy = by.policy.map(|policy| format!(" {policy}")).unwrap_or_default();
        format!("{}{policy}.{}", layer(by.layer), by.statement)
    };
    match decision {
        Decision::Allowed(Some(by)) => format!("allow {}", at(by)),
        Decision::Allowed(None) => "allow".to_owned(),
        Decision::Denied(Denial { by: Some(by), .. }) => format!("deny {}", at(by)),
        Decision::Denied(Denial { layer: of, by: None }) => format!("implicit {}", layer(*of)),
    }
}

fn attached(number: usize, document: &Value) -> Attached {
    let policy = Arc::new(parse(document, Kind::Session));
    Attached { name: number.to_string().into(), source: SourceKind::None, policy }
}

fn parse(document: &Value, kind: Kind) -> Policy {
    let text = document.to_string();
    Policy::parse(&text, kind).unwrap_or_else(|fault| panic!("{fault}: {text}"))
}

/// A document around a statement or a list of them.
pub fn document(value: Value) -> Value {
    if value.get("Statement").is_some() {
        return value;
    }
    json!({ "Version": "2012-10-17", "Statement": value })
}
