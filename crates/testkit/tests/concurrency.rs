//! What holds when several clients are at work on one server at once: nothing is lost, sums stay, a token
//! counts once, the last place is given once, no page shows half a write. On both stores.

#[path = "concurrency/client.rs"]
mod client;
#[path = "concurrency/collections.rs"]
mod collections;
#[path = "concurrency/counters.rs"]
mod counters;
#[path = "concurrency/movers.rs"]
mod movers;
#[path = "concurrency/quotas.rs"]
mod quotas;
#[path = "concurrency/tokens.rs"]
mod tokens;
#[path = "concurrency/transfers.rs"]
mod transfers;

use testkit::{Engines, InProcess, Target};

fn on_memory(check: impl FnOnce(&dyn Target)) {
    check(&InProcess::start(Engines::Memory));
}

fn on_embedded(check: impl FnOnce(&dyn Target)) {
    let folder = tempfile::tempdir().expect("a folder for the store");
    check(&InProcess::start(Engines::Embedded(folder.path().join("data"))));
}

#[test]
fn counters_lose_nothing_on_the_memory_store() {
    on_memory(counters::check);
}

#[test]
fn counters_lose_nothing_on_the_embedded_store() {
    on_embedded(counters::check);
}

#[test]
fn neighbours_of_a_collection_do_not_conflict_on_the_memory_store() {
    on_memory(collections::check);
}

#[test]
fn neighbours_of_a_collection_do_not_conflict_on_the_embedded_store() {
    on_embedded(collections::check);
}

#[test]
fn transfers_keep_the_sum_on_the_memory_store() {
    on_memory(|target| {
        transfers::check(target);
    });
}

#[test]
fn transfers_keep_the_sum_and_conflict_on_the_embedded_store() {
    on_embedded(|target| {
        let is_met = |_: &usize| transfers::check(target) > 0;
        assert!((0..20).any(|round| is_met(&round)), "no transaction has met another");
    });
}

#[test]
fn a_token_counts_once_on_the_memory_store() {
    on_memory(tokens::check);
}

#[test]
fn a_token_counts_once_on_the_embedded_store() {
    on_embedded(tokens::check);
}

#[test]
fn quotas_hold_on_the_memory_store() {
    on_memory(quotas::check);
}

#[test]
fn quotas_hold_on_the_embedded_store() {
    on_embedded(quotas::check);
}

#[test]
fn pages_show_whole_items_once_on_the_memory_store() {
    on_memory(movers::check);
}

#[test]
fn pages_show_whole_items_once_on_the_embedded_store() {
    on_embedded(movers::check);
}

/// All of it, on what answers as a store behind a network does.
fn all(engines: Engines) {
    let target = InProcess::start(engines);
    counters::check(&target);
    collections::check(&target);
    transfers::check(&target);
    tokens::check(&target);
    quotas::check(&target);
    movers::check(&target);
}

#[test]
fn all_holds_on_a_store_that_answers_late_and_loses_answers() {
    all(Engines::Slow);
}

#[test]
fn no_more_tables_than_there_may_be_on_two_servers_that_share_a_store() {
    quotas::check_tables(&InProcess::start(Engines::Two));
}

#[test]
fn all_holds_on_two_servers_that_share_a_store() {
    all(Engines::Two);
}
