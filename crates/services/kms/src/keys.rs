//! Keys, aliases and grants in the store. Whoever reads a key deletes it if its time has come, and makes the material
//! that is due.

use crate::alias::{self, Alias};
use crate::authorize::ByGrant;
use crate::ciphertext::{self, Ciphertext};
use crate::context::EncryptionContext;
use crate::errors::{self, record_error};
use crate::grant::Grant;
use crate::key::{self, Key, State};
use crate::key_ref::KeyRef;
use crate::root_key::{PlainKey, RootKey, RootKeyError};
use engine::Scope;
use model::ApiError;
use pipeline::audit::InsideLog;
use serde::de::DeserializeOwned;
use std::sync::Arc;
use stdx::future::Boxed;
use store::documents::Documents;
use store::records::{RecordKey, RecordScope};
use store::{Store, Watch};
use zeroize::Zeroizing;

const SERVICE: &str = "kms";
const FORMAT: u32 = 1;
const KEY: &str = "key";
const ALIAS: &str = "alias";
const GRANT: &str = "grant";
const ROOT: &str = "root";

/// The keys of a store.
#[derive(Debug, Clone)]
pub struct Keys {
    documents: Documents,
    root: RootKey,
    pub(crate) audit: Option<InsideLog>,
}

/// Tells that a key or a grant was made, changed or deleted, by any server on the store.
#[derive(Debug)]
pub struct KeyWatch {
    keys: Watch,
    grants: Watch,
}

impl KeyWatch {
    /// Rises with every change. Costs two atomic loads.
    pub fn version(&self) -> u64 {
        self.keys.version() + self.grants.version()
    }
}

/// A key that a service of this server manages.
#[derive(Debug, Clone, Copy)]
pub struct Managed<'a> {
    /// The same on every server.
    pub id: &'a str,
    /// `alias/aws/…`.
    pub alias: &'a str,
    /// For people.
    pub description: &'a str,
    /// Through which the account uses it, such as `dynamodb.us-east-1.amazonaws.com`.
    pub service: &'a str,
}

/// What is left of encrypting.
#[derive(Debug)]
pub struct Encrypted {
    /// The bytes, which name the key.
    pub blob: Vec<u8>,
    /// The key's ARN.
    pub key_arn: String,
    /// The id of its material.
    pub material_id: String,
}

/// What is left of decrypting.
#[derive(Debug)]
pub struct Decrypted {
    /// The bytes.
    pub plaintext: Zeroizing<Vec<u8>>,
    /// The key's ARN.
    pub key_arn: String,
    /// The id of its material.
    pub material_id: String,
}

impl Keys {
    /// The keys of a store under a root key, which is checked against the one that the store was made with.
    ///
    /// # Errors
    /// The store's keys are sealed under another one, or the store fails.
    pub fn open(store: Arc<dyn Store>, root: RootKey) -> Boxed<'static, Result<Keys, RootKeyError>> {
        Box::pin(async move {
            let documents = Documents::of(store, FORMAT);
            let proof = RecordKey::new(SERVICE, ROOT, "", "", "proof");
            let sealed = root.seal(ROOT, b"");
            let kept = documents.change(&proof, |old: Option<Vec<u8>>| {
                let proof = old.unwrap_or_else(|| sealed.clone());
                let opens = root.open(ROOT, &proof).is_some();
                if opens { Ok((Some(proof), ())) } else { Err(RootKeyError::Wrong) }
            });
            kept.await??;
            Ok(Keys { documents, root, audit: None })
        })
    }

    /// The same that tells an audit log what services of this server do with keys.
    pub fn with_audit_log(self, log: Option<InsideLog>) -> Keys {
        Keys { audit: log, ..self }
    }

    /// Material is sealed under it.
    pub(crate) fn root(&self) -> &RootKey {
        &self.root
    }

    /// The key that a text names, aliases followed.
    ///
    /// # Errors
    /// There is none.
    pub async fn find(&self, scope: &Scope, named: &str, now_micros: u64) -> Result<Key, ApiError> {
        match KeyRef::parse(named, scope)? {
            KeyRef::Id(id) => self.of_id(scope, &id, now_micros).await,
            KeyRef::Alias(name) => {
                let alias: Option<Alias> = self.get(&place(scope, ALIAS, &name)).await?;
                let alias = alias.ok_or_else(|| errors::no_alias(&alias::arn(scope, &name)))?;
                self.of_id(scope, &alias.key_id, now_micros).await
            }
        }
    }

    /// The key of an id.
    ///
    /// # Errors
    /// There is none.
    pub fn of_id<'a>(
        &'a self,
        scope: &'a Scope,
        id: &'a str,
        now_micros: u64,
    ) -> Boxed<'a, Result<Key, ApiError>> {
        Box::pin(async move {
            let key: Option<Key> = self.get(&place(scope, KEY, id)).await?;
            let missing = || errors::no_key(&key::arn(&scope.account, &scope.region, id));
            match key {
                None => Err(missing()),
                Some(key) if key.is_gone(now_micros) => {
                    self.forget(scope, &key).await?;
                    Err(missing())
                }
                Some(key) if key.rotation_due(now_micros) => {
                    let rotate = |key: &mut Key| {
                        if key.rotation_due(now_micros) {
                            key.rotate(&self.root, now_micros);
                        }
                        Ok(())
                    };
                    self.change(scope, id, now_micros, rotate).await.map(|(key, ())| key)
                }
                Some(key) => Ok(key),
            }
        })
    }

    /// The key that a service of this server manages under an alias; made on its first use. Whoever is first makes it.
    ///
    /// # Errors
    /// The store fails.
    pub async fn managed(
        &self,
        scope: &Scope,
        managed: &Managed<'_>,
        now_micros: u64,
    ) -> Result<Key, ApiError> {
        let Managed { id, alias, description, service } = *managed;
        match self.of_id(scope, id, now_micros).await {
            Err(error) if error.code == errors::NOT_FOUND => {}
            found => return found,
        }
        let (created_micros, updated_micros) = (now_micros, now_micros);
        let name = Alias { name: alias.to_owned(), key_id: id.to_owned(), created_micros, updated_micros };
        self.change_alias(scope, alias, |old| Ok(Some(old.unwrap_or_else(|| name.clone())))).await?;
        let new = Key {
            is_managed: true,
            description: description.to_owned(),
            policy: key::managed_policy(scope, service),
            ..Key::new(scope, id.to_owned(), &self.root, now_micros)
        };
        let keep = |old: Option<Key>| {
            let key = old.unwrap_or_else(|| new.clone());
            Ok::<_, ApiError>((Some(key.clone()), key))
        };
        self.documents.change(&place(scope, KEY, id), keep).await.map_err(record_error)?
    }

    /// Watches keys and grants from now on.
    pub fn watch(&self) -> KeyWatch {
        let of = |kind| self.documents.watch(RecordScope::Kind { service: SERVICE, kind });
        KeyWatch { keys: of(KEY), grants: of(GRANT) }
    }

    /// Changes a key that is the account's own; the key as it is then, and what `change` gave.
    pub(crate) async fn change<R: Send>(
        &self,
        scope: &Scope,
        id: &str,
        now_micros: u64,
        mut change: impl FnMut(&mut Key) -> Result<R, ApiError> + Send,
    ) -> Result<(Key, R), ApiError> {
        let key = place(scope, KEY, id);
        let changed = self.documents.change(&key, |old: Option<Key>| {
            let old = old.filter(|key| !key.is_gone(now_micros));
            let mut key = old.ok_or_else(|| errors::no_key(&key::arn(&scope.account, &scope.region, id)))?;
            if key.is_managed {
                return Err(errors::managed(&key.arn()));
            }
            let result = change(&mut key)?;
            Ok((Some(key.clone()), (key, result)))
        });
        changed.await.map_err(record_error)?
    }

    /// Keeps a new key.
    pub(crate) async fn create(&self, scope: &Scope, key: &Key) -> Result<(), ApiError> {
        let keep = |_: Option<Key>| Ok::<_, ApiError>((Some(key.clone()), ()));
        self.documents.change(&place(scope, KEY, &key.id), keep).await.map_err(record_error)?
    }

    /// The keys of an account and region behind an id.
    pub(crate) async fn list(
        &self,
        scope: &Scope,
        after: Option<&str>,
        limit: usize,
        now_micros: u64,
    ) -> Result<Vec<Key>, ApiError> {
        let mut keys: Vec<Key> = self.listed(scope, KEY, after, limit).await?;
        keys.retain(|key| !key.is_gone(now_micros));
        Ok(keys)
    }

    /// Encrypts under a key that can be used.
    ///
    /// # Errors
    /// The key cannot be used.
    pub fn encrypt(
        &self,
        key: &Key,
        context: &EncryptionContext,
        plaintext: &[u8],
    ) -> Result<Encrypted, ApiError> {
        key.check_usable()?;
        let material = key.current_material();
        let bytes = self.material(key, material)?;
        let blob = ciphertext::encrypt(&key.id, &material.id, &bytes, context, plaintext);
        Ok(Encrypted { blob, key_arn: key.arn(), material_id: material.id.clone() })
    }

    /// Decrypts with a key for a service: with its own, or by a grant.
    ///
    /// # Errors
    /// As for any caller; and the grant is gone, or the key's policy denies it.
    pub async fn decrypt_for_service(
        &self,
        key: &Key,
        by: &ByGrant<'_>,
        context: &EncryptionContext,
        blob: &[u8],
    ) -> Result<Decrypted, ApiError> {
        let opened = self.opened_by_grant(key, by, context, blob).await;
        self.note_own("Decrypt", by.service, (&key.scope(), &key.id), &opened);
        opened
    }

    async fn opened_by_grant(
        &self,
        key: &Key,
        by: &ByGrant<'_>,
        context: &EncryptionContext,
        blob: &[u8],
    ) -> Result<Decrypted, ApiError> {
        key.check_usable()?;
        if by.grant_id.is_some() {
            self.permit_service(key, by, "kms:Decrypt", context).await?;
        }
        self.decrypt_with(key, context, blob)
    }

    /// Decrypts with a key.
    ///
    /// # Errors
    /// It cannot be used, or the ciphertext is of another one, or does not open.
    pub fn decrypt_with(
        &self,
        key: &Key,
        context: &EncryptionContext,
        blob: &[u8],
    ) -> Result<Decrypted, ApiError> {
        let parsed = Ciphertext::parse(blob).ok_or_else(errors::invalid_ciphertext)?;
        if key.id != parsed.key_id() {
            return Err(errors::incorrect_key());
        }
        key.check_usable()?;
        let material = key.materials.iter().rev().find(|material| parsed.is_of_material(&material.id));
        let material = material.ok_or_else(errors::invalid_ciphertext)?;
        let bytes = self.material(key, material)?;
        let plaintext = parsed.decrypt(&bytes, context).ok_or_else(errors::invalid_ciphertext)?;
        Ok(Decrypted { plaintext, key_arn: key.arn(), material_id: material.id.clone() })
    }

    /// The key that a ciphertext names.
    pub(crate) async fn of_ciphertext(
        &self,
        scope: &Scope,
        blob: &[u8],
        now_micros: u64,
    ) -> Result<Key, ApiError> {
        let parsed = Ciphertext::parse(blob).ok_or_else(errors::invalid_ciphertext)?;
        let found = self.of_id(scope, &parsed.key_id(), now_micros).await;
        found.map_err(|error| match error.code == errors::NOT_FOUND {
            true => errors::ciphertext_of_nobody(),
            false => error,
        })
    }

    fn material(&self, key: &Key, material: &key::Material) -> Result<PlainKey, ApiError> {
        key.open(material, &self.root).ok_or_else(|| errors::damaged_material(&key.arn()))
    }

    /// Makes an alias or moves one, as `change` says; it refuses where the alias is or is not there.
    pub(crate) async fn change_alias(
        &self,
        scope: &Scope,
        name: &str,
        mut change: impl FnMut(Option<Alias>) -> Result<Option<Alias>, ApiError> + Send,
    ) -> Result<(), ApiError> {
        let alias = place(scope, ALIAS, name);
        let changed = self.documents.change(&alias, |old| Ok((change(old)?, ())));
        changed.await.map_err(record_error)?
    }

    /// The aliases of an account and region behind a name.
    pub(crate) async fn aliases(
        &self,
        scope: &Scope,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Alias>, ApiError> {
        self.listed(scope, ALIAS, after, limit).await
    }

    /// Makes or deletes a grant, as `change` says.
    pub(crate) async fn change_grant<R: Send>(
        &self,
        scope: &Scope,
        key_id: &str,
        id: &str,
        change: impl FnMut(Option<Grant>) -> Result<(Option<Grant>, R), ApiError> + Send,
    ) -> Result<R, ApiError> {
        let key = place(scope, GRANT, &Grant::place(key_id, id));
        self.documents.change(&key, change).await.map_err(record_error)?
    }

    /// A grant of a key.
    pub(crate) async fn grant(
        &self,
        scope: &Scope,
        key_id: &str,
        id: &str,
    ) -> Result<Option<Grant>, ApiError> {
        self.get(&place(scope, GRANT, &Grant::place(key_id, id))).await
    }

    /// The grants of an account and region, in the order of their keys.
    pub(crate) async fn grants(&self, scope: &Scope) -> Result<Vec<Grant>, ApiError> {
        self.listed(scope, GRANT, None, usize::MAX).await
    }

    /// Deletes a key whose time has come, with its aliases and grants. Whoever meets what is left goes on.
    async fn forget(&self, scope: &Scope, key: &Key) -> Result<(), ApiError> {
        for alias in self.aliases(scope, None, usize::MAX).await? {
            if alias.key_id == key.id {
                self.change_alias(scope, &alias.name, |old| Ok(old.filter(|old| old.key_id != key.id)))
                    .await?;
            }
        }
        for grant in self.grants(scope).await?.into_iter().filter(|grant| grant.key_id == key.id) {
            self.change_grant(scope, &key.id, &grant.id, |_| Ok((None, ()))).await?;
        }
        let gone = |old: Option<Key>| {
            let kept = old.filter(|old| !matches!(old.state, State::PendingDeletion { .. }));
            Ok::<_, ApiError>((kept, ()))
        };
        self.documents.change(&place(scope, KEY, &key.id), gone).await.map_err(record_error)?
    }

    async fn get<T: DeserializeOwned>(&self, key: &RecordKey) -> Result<Option<T>, ApiError> {
        self.documents.get(key).await.map_err(record_error)
    }

    async fn listed<T: DeserializeOwned + Send>(
        &self,
        scope: &Scope,
        kind: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<T>, ApiError> {
        let after = after.map(|id| place(scope, kind, id));
        let within =
            RecordScope::Region { service: SERVICE, kind, account: &scope.account, region: &scope.region };
        let listed = self.documents.list(within, after.as_ref(), limit).await.map_err(record_error)?;
        Ok(listed.into_iter().map(|(_, document)| document).collect())
    }
}

fn place(scope: &Scope, kind: &str, id: &str) -> RecordKey {
    RecordKey::new(SERVICE, kind, &scope.account, &scope.region, id)
}
