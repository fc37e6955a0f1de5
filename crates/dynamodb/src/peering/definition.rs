//! What all replicas of a table share, as servers tell it each other.

use engine::table::{
    BillingMode, Index, IndexKind, IndexStatus, KeyAttribute, KeySchema, OnDemandThroughput, Projected,
    ProvisionedThroughput, Settings, StreamSpecification, StreamView, TableClass, TimeToLive,
};
use engine::{NewTable, Scope, Table};
use serde::{Deserialize, Serialize};

/// What all replicas share.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    key: KeySchema,
    attributes: Vec<KeyAttribute>,
    indexes: Vec<SharedIndex>,
    billing_mode: BillingMode,
    units: Units,
    on_demand: Option<OnDemandThroughput>,
    table_class: Option<TableClass>,
    stream_view: Option<StreamView>,
    time_to_live: Option<String>,
    replicates_settings: Option<bool>,
    /// Whether it is under a key of KMS, which is each region's own.
    is_sealed: bool,
}

/// An index.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SharedIndex {
    name: String,
    kind: IndexKind,
    key: KeySchema,
    projected: Projected,
    units: Units,
    on_demand: Option<OnDemandThroughput>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Units {
    read: u64,
    write: u64,
}

/// Beyond what any table has.
const INDEXES_MAX: usize = 64;
const ATTRIBUTES_MAX: usize = 256;
const KEY_ATTRIBUTES_MAX: usize = 8;
const NAMES_MAX: usize = 256;
const NAME_BYTES_MAX: usize = 65_535;
const INDEX_NAME_BYTES: std::ops::RangeInclusive<usize> = 3..=255;

impl Definition {
    /// That of a table, without what is different in its region.
    pub fn of(table: &Table) -> Definition {
        let (shared, _) = table.without_overrides();
        let is_there = |index: &&Index| index.status != IndexStatus::Deleting;
        let Settings { billing_mode, throughput, on_demand, table_class, stream, time_to_live, .. } =
            &shared.settings;
        Definition {
            key: shared.key.clone(),
            attributes: shared.attribute_definitions.clone(),
            indexes: shared.indexes.iter().filter(is_there).map(SharedIndex::of).collect(),
            billing_mode: *billing_mode,
            units: Units::of(throughput),
            on_demand: *on_demand,
            table_class: *table_class,
            stream_view: stream.as_ref().filter(|stream| stream.enabled).map(|stream| stream.view),
            time_to_live: time_to_live.as_ref().map(|time_to_live| time_to_live.attribute.clone()),
            replicates_settings: shared.settings.replicates_settings,
            is_sealed: shared.settings.sse.is_some(),
        }
    }

    /// Whether it is under a key of KMS.
    pub fn is_sealed(&self) -> bool {
        self.is_sealed
    }

    /// The primary key.
    pub fn key(&self) -> &KeySchema {
        &self.key
    }

    /// Whether two tables have the same keys, the same global indexes, and pay for writes in the same way, as those of
    /// version 2017.11.29 must.
    pub fn is_alike(&self, other: &Definition) -> bool {
        let shape = |of: &Definition| {
            let is_global = |index: &&SharedIndex| index.kind == IndexKind::Global;
            let index =
                |index: &SharedIndex| (index.name.clone(), index.key.clone(), index.projected.clone());
            let mut indexes: Vec<_> = of.indexes.iter().filter(is_global).map(index).collect();
            indexes.sort_unstable_by(|a, b| a.0.cmp(&b.0));
            (of.key.clone(), indexes, of.billing_mode, of.units.write)
        };
        shape(self) == shape(other)
    }

    /// Whether a table can be made of it; if not, why.
    ///
    /// # Errors
    /// With a sentence.
    pub fn check(&self) -> Result<(), String> {
        if self.indexes.len() > INDEXES_MAX || self.attributes.len() > ATTRIBUTES_MAX {
            return Err("a definition has more indexes or attributes than a table can have".to_owned());
        }
        let keys = || std::iter::once(&self.key).chain(self.indexes.iter().map(|index| &index.key));
        let is_key = |key: &KeySchema| {
            let attributes = || key.hash.iter().chain(&key.range);
            !key.hash.is_empty()
                && attributes().count() <= KEY_ATTRIBUTES_MAX
                && attributes().all(|attribute| self.attributes.contains(attribute))
        };
        if !keys().all(is_key) || self.key.hash.len() != 1 || self.key.range.len() > 1 {
            return Err("a key of a definition is none".to_owned());
        }
        let projected = self.indexes.iter().flat_map(|index| match &index.projected {
            Projected::Include(names) => names.as_slice(),
            Projected::All | Projected::KeysOnly => &[],
        });
        let names = self.attributes.iter().map(|attribute| &attribute.name).chain(projected.clone());
        let mut names = names.chain(&self.time_to_live).chain(self.indexes.iter().map(|index| &index.name));
        if projected.count() > NAMES_MAX || !names.all(|name| (1..=NAME_BYTES_MAX).contains(&name.len())) {
            return Err("a definition has names that a table cannot have".to_owned());
        }
        let is_twice = |(at, index): (usize, &SharedIndex)| {
            self.indexes[..at].iter().any(|other| other.name == index.name)
                || !INDEX_NAME_BYTES.contains(&index.name.len())
        };
        if self.indexes.iter().enumerate().any(is_twice) {
            return Err("a definition has two indexes of one name, or one without a name".to_owned());
        }
        Ok(())
    }

    /// A new table of this definition.
    pub fn new_table(&self, scope: Scope, name: String, now_micros: u64) -> NewTable {
        let is_on_demand = self.billing_mode == BillingMode::PayPerRequest;
        let settings = Settings {
            billing_mode: self.billing_mode,
            on_demand_since_micros: is_on_demand.then_some(now_micros),
            throughput: self.units.put_on(ProvisionedThroughput::default()),
            on_demand: self.on_demand,
            table_class: self.table_class,
            replicates_settings: self.replicates_settings,
            stream: self.stream_view.map(|view| StreamSpecification::beginning(view, now_micros)),
            time_to_live: self
                .time_to_live
                .clone()
                .map(|attribute| TimeToLive { attribute, since_version: 1 }),
            ..Settings::default()
        };
        NewTable {
            scope,
            name,
            key: self.key.clone(),
            attribute_definitions: self.attributes.clone(),
            indexes: self.indexes.iter().map(|index| index.new_index(0, IndexStatus::Active)).collect(),
            settings,
        }
    }

    /// Makes a table like this, but for its encryption, under what is different in its region. False: not yet all of
    /// it, since an index of the same name must go first.
    pub fn put_on(&self, table: &mut Table, now_micros: u64) -> bool {
        let (mut next, mut overrides) = table.without_overrides();
        overrides.table_class.take_if(|_| next.settings.table_class != self.table_class);
        let settings = &mut next.settings;
        if self.billing_mode == BillingMode::PayPerRequest && settings.billing_mode != self.billing_mode {
            settings.on_demand_since_micros = Some(now_micros);
        }
        settings.billing_mode = self.billing_mode;
        settings.throughput = self.units.put_on(settings.throughput);
        settings.on_demand = self.on_demand;
        settings.table_class = self.table_class;
        settings.replicates_settings = self.replicates_settings;
        let is_streamed = settings.stream.as_ref().is_some_and(|stream| stream.enabled);
        if let Some(view) = self.stream_view.filter(|_| !is_streamed) {
            settings.stream = Some(StreamSpecification::beginning(view, now_micros));
        }
        let attribute = settings.time_to_live.as_ref().map(|time_to_live| &time_to_live.attribute);
        if attribute != self.time_to_live.as_ref() {
            match &self.time_to_live {
                Some(attribute) => next.switch_on_time_to_live(attribute.clone()),
                None => settings.time_to_live = None,
            }
        }
        let is_all = self.put_indexes_on(&mut next);
        next.put_overrides(&overrides);
        *table = next;
        is_all
    }

    fn put_indexes_on(&self, table: &mut Table) -> bool {
        let mut is_all = true;
        for index in table.indexes.iter_mut().filter(|index| index.kind == IndexKind::Global) {
            let wanted = self.indexes.iter().find(|wanted| wanted.name == index.name);
            match wanted.filter(|wanted| wanted.key == index.key && wanted.projected == index.projected) {
                Some(wanted) if index.status != IndexStatus::Deleting => {
                    index.throughput = wanted.units.put_on(index.throughput);
                    index.on_demand = wanted.on_demand;
                }
                same => {
                    is_all &= same.is_none() && wanted.is_none();
                    index.status = IndexStatus::Deleting;
                }
            }
        }
        for wanted in self.indexes.iter().filter(|wanted| wanted.kind == IndexKind::Global) {
            if table.index(&wanted.name).is_some() {
                continue;
            }
            let redefines =
                |known: &KeyAttribute| wanted.attributes().any(|new| new.name == known.name && new != known);
            if table.attribute_definitions.iter().any(redefines) {
                is_all = false;
                continue;
            }
            table.index_number_max += 1;
            table.indexes.push(wanted.new_index(table.index_number_max, IndexStatus::Backfilling));
            for attribute in wanted.attributes() {
                if !table.attribute_definitions.contains(attribute) {
                    table.attribute_definitions.push(attribute.clone());
                }
            }
        }
        is_all
    }
}

impl SharedIndex {
    fn of(index: &Index) -> SharedIndex {
        let Index { name, kind, key, projected, throughput, on_demand, .. } = index.clone();
        SharedIndex { name, kind, key, projected, units: Units::of(&throughput), on_demand }
    }

    fn new_index(&self, number: u16, status: IndexStatus) -> Index {
        let SharedIndex { name, kind, key, projected, units, on_demand } = self.clone();
        let throughput = units.put_on(ProvisionedThroughput::default());
        Index { number, name, kind, key, projected, status, throughput, on_demand, warm: None }
    }

    fn attributes(&self) -> impl Iterator<Item = &KeyAttribute> {
        self.key.hash.iter().chain(&self.key.range)
    }
}

impl Units {
    fn of(throughput: &ProvisionedThroughput) -> Units {
        Units { read: throughput.read_units, write: throughput.write_units }
    }

    fn put_on(self, throughput: ProvisionedThroughput) -> ProvisionedThroughput {
        ProvisionedThroughput { read_units: self.read, write_units: self.write, ..throughput }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::table_name::is_plain;
    use engine::KeyType;
    use serde_json::json;

    fn definition() -> Definition {
        let attribute = |name: &str| KeyAttribute { name: name.to_owned(), ty: KeyType::S };
        let key = |name| KeySchema { hash: vec![attribute(name)], range: Vec::new() };
        Definition {
            key: key("pk"),
            attributes: vec![attribute("pk"), attribute("kind")],
            indexes: vec![SharedIndex {
                name: "by-kind".to_owned(),
                kind: IndexKind::Global,
                key: key("kind"),
                projected: Projected::Include(vec!["title".to_owned()]),
                units: Units { read: 0, write: 0 },
                on_demand: None,
            }],
            billing_mode: BillingMode::PayPerRequest,
            units: Units { read: 0, write: 0 },
            on_demand: None,
            table_class: None,
            stream_view: Some(StreamView::NewAndOldImages),
            time_to_live: Some("expires".to_owned()),
            replicates_settings: None,
            is_sealed: true,
        }
    }

    /// The form on the wire: if this changes, the version of the protocol must.
    #[test]
    fn the_form_is_fixed() {
        let pk = json!({"hash": [{"name": "pk", "ty": "S"}], "range": []});
        let kind = json!({"hash": [{"name": "kind", "ty": "S"}], "range": []});
        let units = json!({"read": 0, "write": 0});
        let form = json!({
            "key": pk, "attributes": [{"name": "pk", "ty": "S"}, {"name": "kind", "ty": "S"}],
            "indexes": [{
                "name": "by-kind", "kind": "Global", "key": kind, "projected": {"Include": ["title"]}, "units": units,
                "on_demand": null
            }],
            "billing_mode": "PayPerRequest", "units": units, "on_demand": null, "table_class": null,
            "stream_view": "NewAndOldImages", "time_to_live": "expires", "replicates_settings": null,
            "is_sealed": true
        });
        assert_eq!(serde_json::to_value(definition()).unwrap(), form);
        assert_eq!(serde_json::from_value::<Definition>(form).unwrap(), definition());
    }

    #[test]
    fn what_no_table_has_is_refused() {
        assert_eq!(definition().check(), Ok(()));
        let refused = |change: fn(&mut Definition)| {
            let mut changed = definition();
            change(&mut changed);
            assert!(changed.check().is_err(), "{changed:?}");
        };
        refused(|definition| definition.key.hash.clear());
        refused(|definition| definition.key.hash[0].ty = KeyType::N);
        refused(|definition| definition.attributes.truncate(1));
        refused(|definition| definition.indexes.push(definition.indexes[0].clone()));
        refused(|definition| definition.indexes[0].name.clear());
        refused(|definition| definition.indexes[0].key.hash.clear());
        refused(|definition| definition.time_to_live = Some(String::new()));
        refused(|definition| {
            definition.attributes = vec![definition.attributes[0].clone(); ATTRIBUTES_MAX + 1]
        });
        refused(|definition| {
            definition.indexes[0].projected = Projected::Include(vec!["a".to_owned(); NAMES_MAX + 1])
        });
        for name in ["ab", "a b c", "a/../b", "", &"a".repeat(256)] {
            assert!(!is_plain(name), "{name}");
        }
        assert!(is_plain("a_b-c.D1"));
    }
}
