use super::*;
use crate::codec::Method;
use std::time::Duration;
use stdx::{Clock, ManualClock, Random};
use store::MemoryStore;
use store::wait::wait;
use types::{Item, ItemBuilder, Value};

struct World {
    engine: Engine,
    table: Arc<Table>,
    cache: Cache,
}

fn world(settings: CacheSettings) -> World {
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(0));
    let store = Arc::new(MemoryStore::new(Arc::clone(&clock)));
    let engine = Engine::open(store, clock, Random::from_seed(1)).expect("the engine opens");
    let pk = engine::KeyAttribute { name: "pk".into(), ty: engine::KeyType::S };
    let table = engine::NewTable {
        scope: engine::Scope { account: "1".into(), region: "r".into() },
        name: "t".into(),
        key: engine::KeySchema { hash: vec![pk.clone()], range: vec![] },
        attribute_definitions: vec![pk],
        indexes: vec![],
        settings: engine::table::Settings::default(),
    };
    let table = wait(engine.create_table(table)).expect("a table");
    World { engine, table, cache: Cache::new(settings, Some(Arc::default())) }
}

fn key(name: &str) -> Item {
    let mut key = ItemBuilder::new();
    key.put("pk", &Value::S(name.into()));
    key.build()
}

impl World {
    fn item_key(&self, name: &str) -> ItemKey {
        ItemKey::of(&self.table, &key(name)).expect("a key")
    }

    fn keep(&self, name: &str, now: u64) {
        let before =
            wait(self.cache.before_item(&self.engine, &self.item_key(name), self.cache.ttls().0, now));
        self.cache.keep(Key::item(&self.table, name.as_bytes()), before, b"answer");
    }

    fn has(&self, name: &str, now: u64) -> bool {
        self.cache
            .find((Kind::Item, &Counts::default()), &self.table, Key::item(&self.table, name.as_bytes()), now)
            .is_some()
    }

    fn page(&self) -> Key<'_> {
        Key::page(Method::Query, &self.table, b"arguments", false)
    }
}

#[test]
fn a_write_ends_the_answer_about_its_item_and_pages_where_caches_are_coherent() {
    let coherent = world(CacheSettings::default());
    coherent.keep("a", 0);
    let before = wait(coherent.cache.before_page(&coherent.engine, &coherent.table, Ttl::DEFAULT, 0))
        .expect("pages are kept");
    coherent.cache.keep(coherent.page(), before, b"page");
    let has_page = || {
        coherent.cache.find((Kind::Query, &Counts::default()), &coherent.table, coherent.page(), 1).is_some()
    };
    assert!(coherent.has("a", 1) && has_page());
    coherent.cache.stamps.wrote(&coherent.table, &coherent.item_key("b"));
    assert!(coherent.has("a", 1) && !has_page());
    coherent.cache.stamps.wrote(&coherent.table, &coherent.item_key("a"));
    assert!(!coherent.has("a", 1));
}

#[test]
fn in_the_mode_of_aws_only_time_ends_pages() {
    let aws = world(CacheSettings { mode: CacheMode::Aws, ..CacheSettings::default() });
    let before =
        wait(aws.cache.before_page(&aws.engine, &aws.table, Ttl::DEFAULT, 0)).expect("pages are kept");
    aws.cache.keep(aws.page(), before, b"page");
    aws.keep("a", 0);
    aws.cache.wrote(&aws.table, &aws.item_key("a"));
    let has_page =
        |now| aws.cache.find((Kind::Query, &Counts::default()), &aws.table, aws.page(), now).is_some();
    assert!(!aws.has("a", 1) && has_page(299_999_999) && !has_page(300_000_000));
}

#[test]
fn a_write_between_reading_and_keeping_counts() {
    let world = world(CacheSettings::default());
    let before = wait(world.cache.before_item(&world.engine, &world.item_key("a"), Ttl::DEFAULT, 0));
    world.cache.stamps.wrote(&world.table, &world.item_key("a"));
    world.cache.keep(Key::item(&world.table, b"a"), before, b"old");
    assert!(!world.has("a", 0));
}

#[test]
fn times_of_zero_mean_what_they_mean_in_dax() {
    let none = Ttl::of(Duration::ZERO);
    let world = world(CacheSettings { item_ttl: none, query_ttl: none, ..CacheSettings::default() });
    world.keep("a", 0);
    assert!(world.has("a", u64::MAX));
    assert!(wait(world.cache.before_page(&world.engine, &world.table, world.cache.ttls().1, 0)).is_none());
}

#[test]
fn the_budget_is_kept_and_what_goes_is_counted() {
    let world = world(CacheSettings { bytes: 64 * 1024, ..CacheSettings::default() });
    (0..2_000).for_each(|n| world.keep(&n.to_string(), 0));
    assert!(world.cache.bytes() <= 64 * 1024);
    assert!(world.cache.evicted_bytes() > 0);
    let before = wait(world.cache.before_item(&world.engine, &world.item_key("x"), Ttl::DEFAULT, 0));
    world.cache.keep(Key::item(&world.table, b"x"), before, &[0; 32 * 1024]);
    assert!(!world.has("x", 0), "it would push out everything else");
}
