use super::testing::{attribute, table};
use super::*;
use serde_json::json;

fn full() -> Table {
    let mut table = table();
    table.indexes = vec![Index {
        number: 3,
        name: "ix".into(),
        kind: IndexKind::Global,
        key: KeySchema { hash: vec![attribute("g", KeyType::B)], range: Vec::new() },
        projected: Projected::Include(vec!["x".into()]),
        status: IndexStatus::Backfilling,
        throughput: ProvisionedThroughput::default(),
        on_demand: Some(OnDemandThroughput { max_read_units: Some(5), max_write_units: None }),
        warm: None,
    }];
    table.index_number_max = 3;
    table.consumers = vec![Consumer {
        kind: crate::feed::ConsumerKind::Replication,
        id: "eu-west-1".into(),
        view: Some(StreamView::NewAndOldImages),
        retention_micros: 5,
        acknowledges: true,
    }];
    table.settings.billing_mode = BillingMode::PayPerRequest;
    table.settings.time_to_live = Some(TimeToLive { attribute: "ttl".into(), since_version: 9 });
    table.settings.tags.insert("k".into(), "v".into());
    table
}

/// The document on disk: if this no longer reads, tables of earlier versions are lost.
#[test]
fn the_document_is_fixed() {
    let throughput = json!({
        "read_units": 0, "write_units": 0, "last_increase_micros": null, "last_decrease_micros": null,
        "decreases_that_day": 0
    });
    let document = json!({
        "id": 7, "schema_version": 1, "scope": {"account": "000000000000", "region": "local"},
        "name": "things", "uuid": "", "created_micros": 0, "hash_key": [3,3,3,3,3,3,3,3,3,3,3,3,3,3,3,3],
        "key": {"hash": [{"name": "pk", "ty": "S"}], "range": [{"name": "sk", "ty": "N"}]},
        "attribute_definitions": [],
        "indexes": [{
            "number": 3, "name": "ix", "kind": "Global", "key": {"hash": [{"name": "g", "ty": "B"}], "range": []},
            "projected": {"Include": ["x"]}, "status": "Backfilling", "throughput": throughput,
            "on_demand": {"max_read_units": 5, "max_write_units": null}, "warm": null
        }],
        "index_number_max": 3,
        "consumers": [{
            "kind": "Replication", "id": "eu-west-1", "view": "NewAndOldImages", "retention_micros": 5,
            "acknowledges": true
        }],
        "settings": {
            "billing_mode": "PayPerRequest", "on_demand_since_micros": null, "throughput": throughput,
            "on_demand": null, "warm": null, "table_class": null, "table_class_changed_micros": null,
            "deletion_protection": false, "stream": null, "sse": null,
            "time_to_live": {"attribute": "ttl", "since_version": 9}, "tags": {"k": "v"}
        }
    });
    assert_eq!(serde_json::to_value(full()).unwrap(), document);
    assert_eq!(serde_json::from_value::<Table>(document.clone()).unwrap(), full());

    // Version 2 had no time to live.
    let (mut older, mut expected) = (document.clone(), full());
    older["settings"].as_object_mut().unwrap().remove("time_to_live");
    expected.settings.time_to_live = None;
    assert_eq!(serde_json::from_value::<Table>(older).unwrap(), expected);

    // Version 1 had one need in place of the consumers, and none needed.
    let mut older = document;
    let fields = older.as_object_mut().unwrap();
    fields.remove("consumers");
    fields.insert("feed".into(), json!(null));
    assert_eq!(serde_json::from_value::<Table>(older).unwrap(), Table { consumers: Vec::new(), ..full() });
}

#[test]
fn counters_of_tables_and_indexes_do_not_meet() {
    let mut seen = std::collections::HashSet::new();
    for id in [1, 2, u32::MAX] {
        let table = Table { id, ..table() };
        for index in [0, 1, 2, u16::MAX] {
            assert!(seen.insert(table.count_counter(index)) && seen.insert(table.size_counter(index)));
        }
    }
}
