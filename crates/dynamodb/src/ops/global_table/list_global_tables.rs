//! ListGlobalTables: the global tables of version 2017.11.29, by name; with a region those that have a replica there.

use crate::legacy_global_table as legacy;
use crate::service::DynamoDb;
use model::ApiError;
use model::dynamodb::{
    GlobalTable, ListGlobalTables, ListGlobalTablesInput, ListGlobalTablesOutput, Replica,
};
use pipeline::{Access, Cx, Kind, Operation, Validation};
use std::collections::{BTreeMap, BTreeSet};

/// Names of a page where no limit is given.
const PAGE: usize = 100;

impl Operation<DynamoDb> for ListGlobalTables {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<ListGlobalTablesInput> = Validation::MODEL;
    type Plan = ListGlobalTablesInput;

    fn check(input: ListGlobalTablesInput) -> Result<ListGlobalTablesInput, ApiError> {
        Ok(input)
    }

    fn access(_: &Cx<'_, DynamoDb>, _: &ListGlobalTablesInput) -> Access<'static> {
        crate::access::everything("dynamodb:ListGlobalTables")
    }

    async fn run(
        cx: &Cx<'_, DynamoDb>,
        input: ListGlobalTablesInput,
    ) -> Result<ListGlobalTablesOutput, ApiError> {
        let mut regions: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for member in legacy::all(&cx.service.engine, &cx.caller.account) {
            regions.entry(member.name.clone()).or_default().extend(legacy::regions(&[member]));
        }
        let after = input.exclusive_start_global_table_name.unwrap_or_default();
        let mut listed: Vec<(String, BTreeSet<String>)> =
            regions.into_iter().filter(|(name, _)| *name > after).collect();
        if let Some(region) = &input.region_name {
            listed.retain(|(_, regions)| regions.contains(region));
        }
        let limit = input.limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(PAGE);
        let has_more = listed.len() > limit;
        listed.truncate(limit);
        let last = listed.last().filter(|_| has_more).map(|(name, _)| name.clone());
        let replica = |region| Replica { region_name: Some(region) };
        let table = |(name, regions): (String, BTreeSet<String>)| GlobalTable {
            global_table_name: Some(name),
            replication_group: Some(regions.into_iter().map(replica).collect()),
        };
        Ok(ListGlobalTablesOutput {
            global_tables: Some(listed.into_iter().map(table).collect()),
            last_evaluated_global_table_name: last,
        })
    }
}
