//! A key as its document describes it: what it is, in which state, and its material, sealed. What a state comes to at
//! a time (a deletion that was waited for, a rotation that is due) follows from the clock.

use crate::errors;
use crate::root_key::{KEY_BYTES, PlainKey, RootKey};
use engine::Scope;
use model::ApiError;
use policy::Policy;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;
use stdx::Random;
use stdx::hex;

/// The only kind of key, and what it is for.
pub(crate) const SYMMETRIC: &str = "SYMMETRIC_DEFAULT";
pub(crate) const ENCRYPT_DECRYPT: &str = "ENCRYPT_DECRYPT";
/// A day.
pub(crate) const DAY_MICROS: u64 = 86_400 * 1_000_000;

/// A key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Key {
    /// A UUID.
    pub id: String,
    /// Its account.
    pub account: String,
    /// Its region.
    pub region: String,
    /// For people.
    pub description: String,
    /// When it was made.
    pub created_micros: u64,
    /// See [`State`].
    pub state: State,
    /// Whether the server made it for its own use, as `alias/aws/dynamodb`.
    #[serde(default)]
    pub is_managed: bool,
    /// Who may do what with it.
    pub policy: String,
    /// What it is tagged with.
    pub tags: BTreeMap<String, String>,
    /// Set while it is rotated by itself.
    pub rotation: Option<Rotation>,
    /// How often it was rotated on demand.
    pub rotations_on_demand: u32,
    /// Oldest first; the last one encrypts, all of them decrypt.
    pub materials: Vec<Material>,
}

/// Whether a key can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    /// For everything.
    Enabled,
    /// For nothing until it is enabled.
    Disabled,
    /// For nothing, and gone at this time unless the deletion is cancelled.
    PendingDeletion {
        /// In microseconds since the Unix epoch.
        at_micros: u64,
    },
}

/// New material now and then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rotation {
    /// How often.
    pub period_days: u32,
    /// When next.
    pub next_micros: u64,
}

/// What encrypts and decrypts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Material {
    /// 64 hexadecimal digits.
    pub id: String,
    /// The bytes, sealed under the root key, in hexadecimal digits.
    sealed: String,
    /// When it was made.
    pub created_micros: u64,
    /// Why.
    pub origin: MaterialOrigin,
}

/// Why there is a material.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum MaterialOrigin {
    /// It came with the key.
    Creation,
    /// The period was over.
    Automatic,
    /// Somebody asked.
    OnDemand,
}

impl Key {
    /// A key with material nobody knows.
    pub fn new(scope: &Scope, id: String, root: &RootKey, now_micros: u64) -> Key {
        let mut key = Key {
            policy: default_policy(&scope.account),
            account: scope.account.to_string(),
            region: scope.region.to_string(),
            id,
            description: String::new(),
            created_micros: now_micros,
            state: State::Enabled,
            is_managed: false,
            tags: BTreeMap::new(),
            rotation: None,
            rotations_on_demand: 0,
            materials: Vec::new(),
        };
        key.add_material(root, MaterialOrigin::Creation, now_micros);
        key
    }

    /// The key's ARN.
    pub fn arn(&self) -> String {
        arn(&self.account, &self.region, &self.id)
    }

    /// Whose it is.
    pub fn scope(&self) -> Scope {
        Scope { account: self.account.as_str().into(), region: self.region.as_str().into() }
    }

    /// Its policy; one that cannot be read, which was never taken, allows nothing.
    pub(crate) fn compiled_policy(&self) -> Policy {
        Policy::parse(&self.policy, policy::Kind::Resource).unwrap_or_else(|_| Policy::nothing())
    }

    /// Refuses where the state does not allow to use the key.
    pub fn check_usable(&self) -> Result<(), ApiError> {
        match self.state {
            State::Enabled => Ok(()),
            State::Disabled => Err(errors::disabled(&self.arn())),
            State::PendingDeletion { .. } => Err(errors::pending_deletion(&self.arn())),
        }
    }

    /// Refuses where the key is about to be deleted.
    pub fn check_not_pending(&self) -> Result<(), ApiError> {
        match self.state {
            State::PendingDeletion { .. } => Err(errors::pending_deletion(&self.arn())),
            State::Enabled | State::Disabled => Ok(()),
        }
    }

    /// Whether the deletion that was waited for has come.
    pub fn is_gone(&self, now_micros: u64) -> bool {
        matches!(self.state, State::PendingDeletion { at_micros } if at_micros <= now_micros)
    }

    /// Whether new material is due.
    pub(crate) fn rotation_due(&self, now_micros: u64) -> bool {
        self.state == State::Enabled
            && self.rotation.is_some_and(|rotation| rotation.next_micros <= now_micros)
    }

    /// Makes the material that is due.
    pub(crate) fn rotate(&mut self, root: &RootKey, now_micros: u64) {
        let Some(rotation) = &mut self.rotation else { return };
        let period = u64::from(rotation.period_days) * DAY_MICROS;
        while rotation.next_micros <= now_micros {
            rotation.next_micros += period.max(DAY_MICROS);
        }
        self.add_material(root, MaterialOrigin::Automatic, now_micros);
    }

    /// Makes material that encrypts from now on.
    pub(crate) fn add_material(&mut self, root: &RootKey, origin: MaterialOrigin, now_micros: u64) {
        let id = hex::encode(&Random::secret());
        let bytes = PlainKey::new(Random::secret());
        let sealed = hex::encode(&root.seal(&name(&self.id, &id), &bytes[..]));
        self.materials.push(Material { id, sealed, created_micros: now_micros, origin });
    }

    /// What encrypts.
    pub fn current_material(&self) -> &Material {
        self.materials.last().expect("a key is made with material")
    }

    /// The bytes of a material; `None` if the root key is another one.
    pub(crate) fn open(&self, material: &Material, root: &RootKey) -> Option<PlainKey> {
        let sealed = hex::decode(&material.sealed)?;
        let opened = root.open(&name(&self.id, &material.id), &sealed)?;
        let bytes: &[u8; KEY_BYTES] = opened.as_slice().try_into().ok()?;
        Some(PlainKey::new(*bytes))
    }
}

impl State {
    /// Its name in the API.
    pub fn name(self) -> &'static str {
        match self {
            State::Enabled => "Enabled",
            State::Disabled => "Disabled",
            State::PendingDeletion { .. } => "PendingDeletion",
        }
    }
}

/// The ARN of a key.
pub fn arn(account: &str, region: &str, id: &str) -> String {
    format!("arn:aws:kms:{region}:{account}:key/{id}")
}

/// Material moved to another key or place does not open.
fn name(key_id: &str, material_id: &str) -> String {
    format!("kms/{key_id}/{material_id}")
}

/// What a key is made with: the account may do everything, and says by its own policies who else may.
fn default_policy(account: &str) -> String {
    format!(
        "{{\n  \"Version\" : \"2012-10-17\",\n  \"Id\" : \"key-default-1\",\n  \"Statement\" : [ {{\n    \"Sid\" : \
         \"Enable IAM User Permissions\",\n    \"Effect\" : \"Allow\",\n    \"Principal\" : {{\n      \"AWS\" : \
         \"arn:aws:iam::{account}:root\"\n    }},\n    \"Action\" : \"kms:*\",\n    \"Resource\" : \"*\"\n  }} ]\n}}"
    )
}

/// What a key of a service is made with: the account uses it through that service, and sees what it is.
pub(crate) fn managed_policy(scope: &Scope, service: &str) -> String {
    let account = &*scope.account;
    json!({"Version": "2012-10-17", "Id": "auto-key-1", "Statement": [
        {"Sid": format!("Allow access through {service} for all principals in the account that are authorized to use it"),
         "Effect": "Allow", "Principal": {"AWS": "*"}, "Resource": "*",
         "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:CreateGrant", "kms:DescribeKey"],
         "Condition": {"StringEquals": {"kms:CallerAccount": account, "kms:ViaService": service}}},
        {"Sid": "Allow direct access to key metadata to the account", "Effect": "Allow",
         "Principal": {"AWS": format!("arn:aws:iam::{account}:root")}, "Resource": "*",
         "Action": ["kms:Describe*", "kms:Get*", "kms:List*", "kms:RevokeGrant"]}]})
    .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rotations_and_deletions_come_with_the_clock() {
        let scope = Scope { account: "000000000000".into(), region: "r".into() };
        let root = RootKey::new(&[1; 32]);
        let mut key = Key::new(&scope, "00000000-0000-4000-8000-000000000000".into(), &root, 0);
        assert!(!key.rotation_due(u64::MAX));
        key.rotation = Some(Rotation { period_days: 90, next_micros: 90 * DAY_MICROS });
        assert!(!key.rotation_due(90 * DAY_MICROS - 1) && key.rotation_due(90 * DAY_MICROS));
        key.rotate(&root, 200 * DAY_MICROS);
        assert_eq!(key.rotation.map(|rotation| rotation.next_micros), Some(270 * DAY_MICROS));
        assert_eq!(key.materials.len(), 2);
        let [first, second] = [0, 1].map(|at| key.open(&key.materials[at], &root).unwrap());
        assert_ne!(first, second);
        let other = Key { id: "00000000-0000-4000-8000-000000000001".into(), ..key.clone() };
        assert!(other.open(&key.materials[0], &root).is_none());
        key.state = State::PendingDeletion { at_micros: 7 };
        assert!(!key.is_gone(6) && key.is_gone(7) && !key.rotation_due(u64::MAX));
    }
}
