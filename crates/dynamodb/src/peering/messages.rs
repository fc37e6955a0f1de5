//! What servers say to each other about replicas, as JSON. Unknown members are refused: what a version of the protocol
//! has is fixed with it.

use super::definition::Definition;
use crate::legacy_global_table::{Candidate, ReplicaSettings, Terms};
use engine::table::OwnSettings;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// May a replica be added?
pub const PROBE: &str = "probe";
/// Make a replica, without items.
pub const INVITE: &str = "invite";
/// A replica is being made: keep records for it.
pub const ANNOUNCE: &str = "announce";
/// It has all items.
pub const FILLED: &str = "filled";
/// The one that was announced is there.
pub const JOINED: &str = "joined";
/// What all replicas share has changed.
pub const SETTINGS: &str = "settings";
/// What the sender's replica has of its own has changed.
pub const OWN: &str = "own";
/// Change what a replica has of its own.
pub const CHANGE: &str = "change";
/// Take a replica away, once all others have what was written there.
pub const LEAVE: &str = "leave";
/// A replica is gone.
pub const FORGET: &str = "forget";
/// Where has the server come to?
pub const MARK: &str = "mark";
/// Were its feeds read up to there by all?
pub const READ: &str = "read";
/// Write these items.
pub const CHANGES: &str = "changes";

/// Which tables are there that could be part of a global table of version 2017.11.29?
pub const LOOK: &str = "look";
/// Make a table a replica of such a global table.
pub const ADOPT: &str = "adopt";
/// The sender's is a replica of such a global table, as the one that is asked is.
pub const GREET: &str = "greet";
/// Make a replica a table of its own.
pub const PART: &str = "part";
/// Has a replica that goes its own way what was written up to here?
pub const BROUGHT: &str = "brought";

/// How is a replica of such a global table paid for, and how does it scale? Would it be refused to change that?
pub const WEIGH: &str = "weigh";
/// Change it.
pub const PAY: &str = "pay";

/// A global table, as all servers name it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    pub account: String,
    pub table: String,
    /// Of the global table; empty before there is one.
    pub group: String,
    /// The regions of all members as the sender knows them, in order.
    pub members: Vec<String>,
}

/// About a replica in a region.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    pub of: Group,
    pub region: String,
    /// Which of the replicas that the region has had it is: a later one has a higher number.
    pub incarnation: u64,
    /// The region of the replica that it gets its items from, or that tells.
    pub source: String,
}

/// [`ANNOUNCE`]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Announce {
    pub about: About,
    /// Members that other servers are adding to themselves at the same time.
    pub coming: Vec<String>,
}

/// [`PROBE`]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Probe {
    pub about: About,
    /// The key of KMS that the replica is to be under, as its region knows it.
    pub key: Option<String>,
}

/// [`INVITE`]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Invite {
    pub about: About,
    pub definition: Definition,
    /// What the new one is to have of its own.
    pub own: OwnSettings,
    /// Which of the replicas of its region each member is, where it is not the first.
    pub incarnations: BTreeMap<String, u64>,
}

/// [`OWN`]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Own {
    pub about: About,
    pub own: OwnSettings,
}

/// [`CHANGE`]: what is to be put over what all share. What is not named stays.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    pub about: About,
    pub read_units: Option<i64>,
    pub max_read_units: Option<i64>,
    pub table_class: Option<String>,
    pub indexes: Vec<AskedOfIndex>,
}

/// The same of an index.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AskedOfIndex {
    pub name: String,
    pub read_units: Option<i64>,
    pub max_read_units: Option<i64>,
}

/// The answer to it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Invited {
    /// The id of the table that is there now.
    pub uuid: String,
}

/// [`SETTINGS`]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    pub about: About,
    /// When they were changed, in microseconds since the Unix epoch, and in which region.
    pub since: (u64, String),
    pub definition: Definition,
}

/// [`READ`]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Read {
    pub of: Group,
    /// What [`MARK`] has answered.
    pub mark: String,
}

/// [`LOOK`]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Look {
    pub account: String,
    pub table: String,
    pub regions: Vec<String>,
}

/// The answer to it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Seen {
    /// The global tables of version 2017.11.29 that there are of this name.
    pub groups: Vec<String>,
    /// The tables that are ready, of those that were asked for.
    pub tables: Vec<Candidate>,
}

/// [`ADOPT`] and [`GREET`]: the sender's replica is that of the source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Adopt {
    pub about: About,
    /// Since when the global table is there, in microseconds since the Unix epoch.
    pub since_micros: u64,
    pub definition: Definition,
    /// Which of the replicas of its region each member is, where it is not the first.
    pub incarnations: BTreeMap<String, u64>,
}

/// [`BROUGHT`]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Brought {
    pub about: About,
    /// What was answered before; `None`: from now on.
    pub mark: Option<String>,
}

/// [`WEIGH`]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Weigh {
    pub about: About,
    /// What is to change; nothing: it is only told.
    pub terms: Terms,
}

/// The answer to it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Weighed {
    pub settings: ReplicaSettings,
    /// Tells these settings from others.
    pub seen: String,
}

/// [`PAY`], which is answered with the settings after it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pay {
    pub about: About,
    pub terms: Terms,
    /// What [`WEIGH`] has answered: where the settings are others by now, nothing changes.
    pub seen: String,
}

/// The answer to [`MARK`], [`READ`] and [`BROUGHT`].
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Marked {
    /// Whether there are the same members, and none comes or goes.
    pub is_settled: bool,
    pub mark: String,
    pub is_read: bool,
}

/// What there is nothing more to say to.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Done {}

/// Why a peer says no.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum No {
    /// There is a table of the name, or there was one a moment ago.
    Exists,
    /// Something about the table is under way.
    InUse,
    /// It is no replica of this global table, or the members differ.
    NotMember,
    /// Not now: the same may be said again.
    Later(String),
    /// It is protected against deletion.
    Protected,
    /// There are as many tables as there may be.
    TooManyTables,
    /// The key of KMS cannot be used.
    Key(String),
    /// A client that had asked for it would be told this.
    Invalid(String),
    /// The same under this code of DynamoDB's, which is another one.
    Refused(&'static str, String),
    /// There is no such index, in the words of a client's answer.
    MissingIndex(String),
    /// A region that this server must reach is no peer's.
    Unreached(String),
    /// The same call was made before.
    Replayed,
    /// What was sent is not in its form, or about what is not the sender's.
    Bad(String),
    /// This server cannot do it.
    Failed(String),
}

impl No {
    /// For programs.
    pub fn code(&self) -> &'static str {
        match self {
            No::Exists => EXISTS,
            No::InUse => IN_USE,
            No::NotMember => NOT_MEMBER,
            No::Later(_) => LATER,
            No::Protected => PROTECTED,
            No::TooManyTables => "TooManyTables",
            No::Key(_) => KEY,
            No::Invalid(_) => INVALID,
            No::Refused(code, _) => code,
            No::MissingIndex(_) => NO_INDEX,
            No::Unreached(_) => "NoPeer",
            No::Replayed => "Replayed",
            No::Bad(_) => "BadCall",
            No::Failed(_) => FAILED,
        }
    }

    /// For people.
    pub fn sentence(&self) -> String {
        match self {
            No::Exists => "there is a table of this name".to_owned(),
            No::InUse => "something about the table is under way".to_owned(),
            No::NotMember => "it has no replica of this global table with the same members".to_owned(),
            No::Protected => "the replica is protected against deletion".to_owned(),
            No::TooManyTables => "it has as many tables as it may".to_owned(),
            No::Unreached(region) => format!("no peer of it hosts {region}"),
            No::Replayed => "the same call was made before".to_owned(),
            No::Later(why) | No::Bad(why) | No::Failed(why) => why.clone(),
            No::Key(why) | No::Invalid(why) | No::MissingIndex(why) | No::Refused(_, why) => why.clone(),
        }
    }

    /// The HTTP status.
    pub fn status(&self) -> u16 {
        match self {
            No::Bad(_) => 400,
            No::Failed(_) => 500,
            _ => 409,
        }
    }
}

pub const EXISTS: &str = "Exists";
pub const IN_USE: &str = "InUse";
pub const NOT_MEMBER: &str = "NotMember";
pub const LATER: &str = "Later";
pub const PROTECTED: &str = "Protected";
pub const FAILED: &str = "Failed";
pub const KEY: &str = "Key";
pub const INVALID: &str = "Invalid";
pub const NO_INDEX: &str = "NoIndex";

#[cfg(test)]
mod tests {
    use super::*;
    use serde::de::DeserializeOwned;
    use serde_json::{Value, json};
    use std::fmt::Debug;

    fn is<M: DeserializeOwned + Serialize + Debug>(form: &Value) {
        let read: M = serde_json::from_value(form.clone()).unwrap();
        assert_eq!(serde_json::to_value(&read).unwrap(), *form, "{read:?}");
    }

    fn with(about: &Value, more: &Value) -> Value {
        let mut form = json!({"about": about});
        form.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        form
    }

    /// The forms on the wire, which belong to a version of the protocol: if one changes, or a call comes or goes, the
    /// version must change, too, and this test with it.
    #[test]
    fn the_forms_are_those_of_the_version() {
        assert_eq!(peers::VERSION, 4);
        let of =
            json!({"account": "0", "table": "world", "group": "g", "members": ["eu-west-1", "us-east-1"]});
        let about = json!({"of": of, "region": "us-west-2", "incarnation": 3, "source": "us-east-1"});
        is::<About>(&about); // FILLED, JOINED, LEAVE, FORGET, PART
        is::<Announce>(&with(&about, &json!({"coming": ["us-west-1"]})));
        is::<Group>(&of); // MARK
        is::<Read>(&json!({"of": of, "mark": "7"}));
        is::<Marked>(&json!({"is_settled": true, "mark": "7", "is_read": false}));
        is::<Done>(&json!({}));
        is::<Probe>(&with(&about, &json!({"key": null})));
        let reads =
            json!({"read_units": {"here": 1, "shared": 2}, "max_read_units": {"here": null, "shared": 3}});
        let overrides = json!({"table": reads, "indexes": {"by-kind": {}}});
        let own = json!({"since_micros": 5, "overrides": overrides, "key": "arn"});
        is::<Own>(&with(&about, &json!({"own": own})));
        let units = json!({"read": 0, "write": 0});
        let definition = json!({
            "key": {"hash": [{"name": "pk", "ty": "S"}], "range": [{"name": "sk", "ty": "N"}]},
            "attributes": [{"name": "pk", "ty": "S"}, {"name": "sk", "ty": "N"}], "indexes": [],
            "billing_mode": "Provisioned", "units": units, "on_demand": null, "table_class": null,
            "stream_view": null, "time_to_live": null, "replicates_settings": true,
            "is_sealed": false
        });
        let incarnations = json!({"us-east-1": 2});
        let invite = json!({"definition": definition, "own": own, "incarnations": incarnations});
        is::<Invite>(&with(&about, &invite));
        is::<Invited>(&json!({"uuid": "u"}));
        is::<Settings>(&with(&about, &json!({"since": [7, "us-east-1"], "definition": definition})));
        is::<Adopt>(&with(
            &about,
            &json!({"since_micros": 7, "definition": definition, "incarnations": incarnations}),
        ));
        is::<Brought>(&with(&about, &json!({"mark": null})));
        is::<Look>(&json!({"account": "0", "table": "world", "regions": ["eu-west-1"]}));
        let candidate = json!({
            "region": "eu-west-1", "is_replica": false, "has_stream": true, "is_empty": true, "definition": definition
        });
        is::<Seen>(&json!({"groups": ["g"], "tables": [candidate]}));
        let index = json!({"name": "by-kind", "read_units": 1, "max_read_units": null});
        is::<Asked>(&with(
            &about,
            &json!({"read_units": null, "max_read_units": 9, "table_class": "STANDARD", "indexes": [index]}),
        ));
        let policy = json!({
            "name": "p", "target": 70.5, "in_cooldown": 1, "out_cooldown": null, "is_in_disabled": true
        });
        let on = json!({"On": {"minimum": 1, "maximum": null, "policy": policy}});
        let writes = json!({
            "table": {"units": 5, "scaling": "Off"},
            "indexes": [{"name": "by-kind", "capacity": {"units": null, "scaling": on}}]
        });
        let reads = json!({"table": {"units": null, "scaling": null}, "indexes": []});
        let terms = json!({
            "billing_mode": "PROVISIONED", "table_class": "STANDARD", "writes": writes, "reads": reads
        });
        is::<Weigh>(&with(&about, &json!({"terms": terms})));
        is::<Pay>(&with(&about, &json!({"terms": terms, "seen": "ab"})));
        let scaling = json!({"minimum": 1, "maximum": 2, "role_arn": "arn", "policies": [policy]});
        let capacity = json!({"units": 5, "scales": {"On": scaling}});
        let off = json!({"units": null, "scales": "Off"});
        let settings = json!({
            "status": "ACTIVE", "billing_mode": {"value": "PROVISIONED", "since": 7.5},
            "table_class": {"value": "STANDARD", "since": null}, "reads": capacity,
            "writes": {"units": 0, "scales": "ByRequest"},
            "indexes": [{"name": "by-kind", "status": "ACTIVE", "reads": off, "writes": off}]
        });
        is::<Weighed>(&json!({"settings": settings, "seen": "ab"}));
        is::<ReplicaSettings>(&settings); // the answer to PAY
        let calls = [
            PROBE, INVITE, ANNOUNCE, FILLED, JOINED, SETTINGS, OWN, CHANGE, LEAVE, FORGET, MARK, READ,
            CHANGES, LOOK, ADOPT, GREET, PART, BROUGHT, WEIGH, PAY,
        ];
        let names = "probe invite announce filled joined settings own change leave forget mark read changes look adopt \
                     greet part brought weigh pay";
        assert_eq!(calls.join(" "), names);
    }
}
