//! Why a request was denied, for the server's administrator: the statement that decided, and what would have to
//! change. It is not sent to clients.

use policy::{Denial, Layer, Request};

/// Some lines of text.
pub(super) fn of(caller: &str, request: &Request<'_>, denial: &Denial<'_>) -> String {
    let Request { action, resource, .. } = request;
    let (decision, change) = match &denial.by {
        Some(by) => {
            let policy =
                by.policy.map_or("the policy of the resource".to_owned(), |name| format!("policy {name}"));
            let sid = by.sid.map(|sid| format!(" ({sid})")).unwrap_or_default();
            let statement = format!("statement {}{sid} of {policy}, a {}", by.statement + 1, denial.layer);
            (
                format!("explicit deny by {statement}"),
                format!("remove {statement}, or narrow it so that it does not match this request"),
            )
        }
        None => (
            format!("implicit deny: no {} allows it", denial.layer),
            format!("{} that allows {action} on {resource}", add_to(denial.layer)),
        ),
    };
    format!(
        "caller    {caller}\naction    {action}\nresource  {resource}\ndecision  {decision}\nto allow  {change}\n"
    )
}

fn add_to(layer: Layer) -> &'static str {
    match layer {
        Layer::Identity => "give the caller, or one of its groups, a policy with a statement",
        Layer::Boundary => "add to its permissions boundary a statement",
        Layer::Session => "make the session with a policy",
        Layer::Resource => "add to the policy of the resource a statement for this caller",
        Layer::Key => "add to the policy of the key a statement for this caller",
        Layer::Trust => "add to the role's trust policy a statement for this caller",
    }
}
