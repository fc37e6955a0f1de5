//! Restoring a table: what both operations share. The new table is the source with what the request overrides, without
//! its stream, time to live, tags, policy, class, protection and warm throughput.
//!
//! Order of refusals: throughput that does not go with the mode → indexes that the source does not have → the table
//! exists → quotas.

use crate::checks::table_ref::TableRef;
use crate::checks::throughput::{Of, on_demand_members, within_bounds};
use crate::checks::{capacity_quota, deleted_table, encryption, index_definition, not_built};
use crate::errors::{
    already_restored, codes, invalid_request, restored_table_exists, store_error, too_many_tables,
};
use crate::service::{DynamoDb, scope_of};
use crate::table_settings;
use engine::table::{BillingMode, Change, IndexStatus, Restore, Sealing, Settings, Transition};
use engine::{BackupError, CreateError, Index, IndexKind, NewTable, Projected, RestoreError, Table};
use model::ApiError;
use model::dynamodb as shapes;
use pipeline::{Access, Cx};

/// Tables of an account that may be restored at the same time.
const RESTORES_MAX: usize = 50;

/// What is done to the items of the new table.
const ITEM_ACTIONS: [&str; 7] = [
    "dynamodb:BatchWriteItem",
    "dynamodb:DeleteItem",
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "dynamodb:Query",
    "dynamodb:Scan",
    "dynamodb:UpdateItem",
];

/// What a request wants otherwise than the source has it.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    /// BillingModeOverride
    pub billing_mode: Option<String>,
    /// ProvisionedThroughputOverride
    pub provisioned: Option<shapes::ProvisionedThroughput>,
    /// OnDemandThroughputOverride
    pub on_demand: Option<shapes::OnDemandThroughput>,
    /// GlobalSecondaryIndexOverride
    pub global: Option<Vec<shapes::GlobalSecondaryIndex>>,
    /// LocalSecondaryIndexOverride
    pub local: Option<Vec<shapes::LocalSecondaryIndex>>,
    /// SSESpecificationOverride
    pub sse: Option<shapes::SSESpecification>,
}

/// The actions on a table that is restored, beside the one of the operation.
pub fn add_access(
    cx: &Cx<'_, DynamoDb>,
    access: &mut Access<'static>,
    action: &'static str,
    target: &TableRef,
) {
    for action in std::iter::once(action).chain(ITEM_ACTIONS) {
        access.needs.extend(crate::access::table(cx, action, target).needs);
    }
}

impl Overrides {
    /// What the request alone shows.
    pub fn check(&self, has_vector_indexes: bool) -> Result<(), ApiError> {
        not_built::check(&[("VectorIndexOverride", has_vector_indexes)])?;
        encryption::check(self.sse.as_ref())?;
        let warm = self.global.iter().flatten().find(|index| index.warm_throughput.is_some());
        match warm {
            Some(index) => Err(invalid_request(format_args!(
                "Cannot override WarmThroughput for index {}",
                index.index_name.as_deref().unwrap_or_default()
            ))),
            None => Ok(()),
        }
    }

    /// From another region a table is restored under a key that is named only.
    pub fn check_from_elsewhere(&self) -> Result<(), ApiError> {
        match self.sse {
            Some(_) => Ok(()),
            None => {
                Err(invalid_request("sseSpecificationOverride must be provided for cross-region restores"))
            }
        }
    }

    /// The table that is to be created.
    pub fn apply(
        &self,
        cx: &Cx<'_, DynamoDb>,
        source: &Table,
        name: &str,
        restore: Restore,
    ) -> Result<NewTable, ApiError> {
        let mode = self.mode(source);
        self.throughput_fits(mode)?;
        let region = &cx.caller.region;
        self.provisioned
            .iter()
            .try_for_each(|units| capacity_quota::provisioned(units, Of::Table, region))?;
        let indexes = self.indexes(source, mode)?;
        let until_micros = cx.service.shows_until_micros(cx.now_micros);
        let is_on_demand = mode == BillingMode::PayPerRequest;
        let throughput = self.provisioned.as_ref().map(|units| table_settings::throughput(Some(units)));
        let throughput = throughput.unwrap_or_else(|| units_of(&source.settings.throughput));
        let on_demand = match &self.on_demand {
            Some(asked) => table_settings::on_demand(Some(asked)),
            None => source.settings.on_demand,
        };
        let settings = Settings {
            billing_mode: mode,
            on_demand_since_micros: is_on_demand.then_some(cx.now_micros),
            throughput: if is_on_demand { Default::default() } else { throughput },
            on_demand: on_demand.filter(|_| is_on_demand),
            restore: Some(restore),
            transitions: vec![Transition { change: Change::Creating, until_micros }],
            ..Settings::default()
        };
        let mut attribute_definitions = source.attribute_definitions.clone();
        let is_used =
            |name: &str| source.key.contains(name) || indexes.iter().any(|index| index.key.contains(name));
        attribute_definitions.retain(|attribute| is_used(&attribute.name));
        let (scope, key) = (scope_of(cx.caller), source.key.clone());
        Ok(NewTable { scope, name: name.to_owned(), key, attribute_definitions, indexes, settings })
    }

    /// Encrypts the table under the key that the request asks for, or else under that of the source.
    pub async fn encrypt(
        &self,
        cx: &Cx<'_, DynamoDb>,
        source: &Table,
        new: &mut NewTable,
    ) -> Result<(), ApiError> {
        let of_source = source.settings.sse.as_ref().map(|sse| shapes::SSESpecification {
            enabled: Some(true),
            kms_master_key_id: sse.key_arn.clone(),
            ..Default::default()
        });
        let wanted = self.sse.clone().or(of_source);
        let Some(key) = crate::encryption::key_of(cx, wanted.as_ref(), &new.scope).await? else {
            return Ok(());
        };
        new.settings.sse = Some(table_settings::sse(&key));
        let begun = crate::encryption::begun(cx, (&new.scope, &new.name), &key, None);
        new.settings.sealing = Some(begun.await?);
        Ok(())
    }

    fn mode(&self, source: &Table) -> BillingMode {
        match self.billing_mode.as_deref() {
            Some("PAY_PER_REQUEST") => BillingMode::PayPerRequest,
            Some(_) => BillingMode::Provisioned,
            None => source.settings.billing_mode,
        }
    }

    fn throughput_fits(&self, mode: BillingMode) -> Result<(), ApiError> {
        let is_on_demand = mode == BillingMode::PayPerRequest;
        let why = match self.billing_mode {
            Some(_) => "if BillingMode is overridden to PAY_PER_REQUEST",
            None => "unless BillingMode is PROVISIONED",
        };
        if self.provisioned.is_some() && is_on_demand {
            return Err(invalid_request(format_args!("Cannot override ProvisionedThroughput {why}")));
        }
        let named = self.global.iter().flatten().find(|index| index.provisioned_throughput.is_some());
        if let Some(index) = named.filter(|_| is_on_demand) {
            let name = index.index_name.as_deref().unwrap_or_default();
            return Err(invalid_request(format_args!(
                "Cannot override ProvisionedThroughput {why} for index {name}"
            )));
        }
        if self.billing_mode.as_deref() == Some("PROVISIONED") && self.provisioned.is_none() {
            return Err(invalid_request(
                "Must override ProvisionedThroughput if BillingMode is overridden to PROVISIONED",
            ));
        }
        self.provisioned.iter().try_for_each(within_bounds)?;
        let maxima = self.on_demand.iter().flat_map(on_demand_members).filter(|(_, units)| units.is_some());
        for (member, units) in maxima {
            if !is_on_demand {
                return Err(invalid_request(format_args!(
                    "Cannot override {member} for OnDemandThroughput unless BillingModeOverride is PAY_PER_REQUEST"
                )));
            }
            if units.is_some_and(|units| units < 1) {
                return Err(invalid_request(format_args!(
                    "Requested {member} for OnDemandThroughput is outside of valid range"
                )));
            }
        }
        Ok(())
    }

    /// All that the source has, or those of them that the request names.
    fn indexes(&self, source: &Table, mode: BillingMode) -> Result<Vec<Index>, ApiError> {
        let of_source = |kind: IndexKind| {
            let indexes = source.indexes.iter();
            indexes.filter(move |index| index.kind == kind && index.status != IndexStatus::Deleting)
        };
        let named = |name: &Option<String>| name.clone().unwrap_or_default();
        let mut local: Vec<Index> = of_source(IndexKind::Local).cloned().collect();
        if let Some(asked) = &self.local {
            let asked =
                asked.iter().map(|index| (named(&index.index_name), &index.key_schema, &index.projection));
            local = asked.map(|asked| take_one(&mut local, asked, source)).collect::<Result<_, _>>()?;
        }
        let mut global: Vec<Index> = of_source(IndexKind::Global).cloned().collect();
        if let Some(asked) = &self.global {
            let definitions = asked.iter();
            global = definitions
                .map(|asked| {
                    let definition = (named(&asked.index_name), &asked.key_schema, &asked.projection);
                    let mut index = take_one(&mut global, definition, source)?;
                    if let Some(units) = &asked.provisioned_throughput {
                        within_bounds(units)?;
                        index.throughput = table_settings::throughput(Some(units));
                    }
                    if asked.on_demand_throughput.is_some() {
                        index.on_demand = table_settings::on_demand(asked.on_demand_throughput.as_ref());
                    }
                    Ok(index)
                })
                .collect::<Result<_, ApiError>>()?;
        }
        let mut indexes: Vec<Index> = local.into_iter().chain(global).collect();
        index_definition::no_duplicates(indexes.iter().map(|index| Some(index.name.as_str())))?;
        indexes.iter_mut().try_for_each(|index| settle(index, mode))?;
        Ok(indexes)
    }
}

/// A name, a key and a projection that a request gives an index.
type Definition<'a> = (String, &'a Option<Vec<shapes::KeySchemaElement>>, &'a Option<shapes::Projection>);

/// The index of the source that is defined so, under the name that it is to have.
fn take_one(
    left: &mut Vec<Index>,
    (name, keys, projection): Definition<'_>,
    source: &Table,
) -> Result<Index, ApiError> {
    let keys = table_settings::key_schema(keys.as_deref().unwrap_or_default(), &source.attribute_definitions);
    let projected = table_settings::projected(projection.as_ref());
    let is_same = |index: &Index| index.key == keys && is_same_projection(&index.projected, &projected);
    match left.iter().position(is_same) {
        Some(at) => Ok(Index { name, ..left.remove(at) }),
        None => Err(invalid_request(format_args!(
            "Index {name} does not match a secondary index that existed in the source table and cannot be created \
             during the restore operation"
        ))),
    }
}

fn is_same_projection(one: &Projected, other: &Projected) -> bool {
    let sorted = |names: &[String]| {
        let mut names = names.to_vec();
        names.sort_unstable();
        names
    };
    match (one, other) {
        (Projected::Include(one), Projected::Include(other)) => sorted(one) == sorted(other),
        (one, other) => one == other,
    }
}

/// The index in the mode of its new table.
fn settle(index: &mut Index, mode: BillingMode) -> Result<(), ApiError> {
    (index.status, index.warm) = (IndexStatus::Active, None);
    index.throughput = units_of(&index.throughput);
    if index.kind == IndexKind::Local {
        return Ok(());
    }
    match mode {
        BillingMode::PayPerRequest => index.throughput = Default::default(),
        BillingMode::Provisioned => {
            index.on_demand = None;
            if (index.throughput.read_units, index.throughput.write_units) == (0, 0) {
                return Err(invalid_request(format_args!(
                    "Must specify provisioned throughput for index {}",
                    index.name
                )));
            }
        }
    }
    Ok(())
}

/// Units without what is kept about changes.
fn units_of(throughput: &engine::table::ProvisionedThroughput) -> engine::table::ProvisionedThroughput {
    let engine::table::ProvisionedThroughput { read_units, write_units, .. } = *throughput;
    engine::table::ProvisionedThroughput { read_units, write_units, ..Default::default() }
}

/// Refuses a table that is there, or too many that are being restored.
pub async fn has_room(cx: &Cx<'_, DynamoDb>, new: &NewTable) -> Result<(), ApiError> {
    let target = TableRef::of(Some(new.name.clone()));
    if let Some(found) = target.find(cx).await? {
        return Err(match &found.settings.restore {
            Some(restore) => already_restored(&new.name, restore.backup_arn.as_deref()),
            None => restored_table_exists(&new.name),
        });
    }
    if deleted_table::find(cx, &target).await?.is_some() {
        return Err(restored_table_exists(&new.name));
    }
    let tables = cx.service.engine.tables_of(&new.scope);
    let is_restored =
        |table: &Table| table.settings.restore.as_ref().is_some_and(|from| from.import.is_none());
    if tables.iter().filter(|table| is_restored(table)).count() >= RESTORES_MAX {
        return Err(ApiError::new(
            codes::LIMIT_EXCEEDED,
            format!(
                "Subscriber limit exceeded: There is a limit of {RESTORES_MAX} concurrent restores per subscriber"
            ),
        ));
    }
    Ok(())
}

/// Takes back what a table that was not created was to be encrypted by. Where the store has failed, it may be there.
pub async fn take_back(cx: &Cx<'_, DynamoDb>, sealing: Option<&Sealing>, error: &RestoreError) {
    let may_be_there = matches!(
        error,
        RestoreError::Create(CreateError::Store(_)) | RestoreError::Backup(BackupError::Store(_))
    );
    if !may_be_there {
        crate::encryption::retire(cx, &scope_of(cx.caller), sealing).await;
    }
}

/// Why the table was not created after all.
pub fn create_error(error: CreateError, name: &str) -> ApiError {
    match error {
        CreateError::Exists => restored_table_exists(name),
        CreateError::TooManyTables => too_many_tables(),
        CreateError::NoRoom(no_room) => capacity_quota::no_room(&no_room),
        CreateError::Store(error) => store_error(&error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn projections_are_the_same_in_any_order() {
        let include =
            |names: &[&str]| Projected::Include(names.iter().map(|name| (*name).to_owned()).collect());
        assert!(is_same_projection(&include(&["a", "b"]), &include(&["b", "a"])));
        assert!(!is_same_projection(&include(&["a"]), &include(&["b"])));
        assert!(!is_same_projection(&include(&["a"]), &Projected::All));
        assert!(is_same_projection(&Projected::KeysOnly, &Projected::KeysOnly));
    }
}
