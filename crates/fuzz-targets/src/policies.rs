//! Any text is a policy or refused, whatever it is for; what is a policy decides any request.

use policy::request::several;
use policy::{
    Attached, Context, Grants, Kind, Policy, Request, Requester, ResourceSide, SourceKind, Values, Who,
};
use std::sync::Arc;

/// Every key has a value.
struct Everything;

impl Context for Everything {
    fn values(&self, key: &str) -> Option<Values<'_>> {
        Some(several([key.to_owned(), "1".to_owned()]))
    }
}

/// The text of a document, tried as each kind.
pub fn policies(text: &str) {
    let spans = policy::statement_spans(text);
    for kind in [Kind::Identity, Kind::Session, Kind::Trust, Kind::Resource] {
        let Ok(policy) = Policy::parse(text, kind) else { continue };
        assert_eq!(policy.len(), spans.len(), "each statement stands somewhere");
        let policy = Arc::new(policy);
        let attached = Attached { name: "p".into(), source: SourceKind::None, policy: Arc::clone(&policy) };
        let grants = Grants { identity: vec![attached], boundary: None, session: None };
        let context: [&dyn Context; 2] = [&(), &Everything];
        for context in context {
            let request = Request {
                requester: Requester {
                    account: "1",
                    who: Who::User { arn: "arn:aws:iam::1:user/u", id: "AIDA" },
                },
                action: "dynamodb:GetItem",
                resource: "arn:aws:dynamodb:eu-west-1:1:table/t".into(),
                owner: "1",
                context,
            };
            let _ = policy::decide(&request, &grants, ResourceSide::Beside(Some(&policy)));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::mutations::each;

    #[test]
    fn damaged_policies() {
        let samples: [&[u8]; 3] = [
            br#"{"Version":"2012-10-17","Statement":[{"Sid":"A","Effect":"Allow","Action":["dynamodb:*Item"],"Resource":
               "arn:aws:dynamodb:*:*:table/${aws:username, 'x'}","Condition":{"ForAllValues:StringLikeIfExists":{"k":"${j}*"},
               "NumericLessThan":{"n":5},"DateEquals":{"d":"2026-01-01T00:00:00Z"},"NotIpAddress":{"i":"10.0.0.0/8"}}}]}"#,
            br#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","NotPrincipal":{"AWS":["111111111111","*"],
               "Federated":"x"},"NotAction":"sts:AssumeRole","Condition":{"Null":{"k":"true"},"ArnLike":{"a":"arn:*:*:*:*:*"}}}}"#,
            br#"{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","NotResource":"*","Condition":{"Bool":{"b":true}}}}"#,
        ];
        each(&samples, 5_000, |input| super::policies(&String::from_utf8_lossy(input)));
    }
}
