//! Calls of peers that come late, more than once and in another order than they were made, to a server that a test
//! delivers them to one by one.

use super::PeerHost;
use crate::auto_scaling::{Registered, Scaled, Scaler, ScalingChange, Told, Wanted};
use crate::peering::messages::{
    ADOPT, ANNOUNCE, FILLED, FORGET, GREET, INVITE, JOINED, LEAVE, PART, PAY, WEIGH,
};
use crate::service::DynamoDb;
use engine::table::{RemoteState, StreamSpecification, StreamView};
use engine::{Engine, KeyAttribute, KeySchema, KeyType, NewTable, Scope, Table};
use figures::Figures;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use peers::sealed::{self, BodyHash, Signed};
use peers::{Head, PATH, Peer, Peers, VERSION};
use pipeline::Caller;
use serde_json::{Value, json};
use std::cell::Cell;
use std::sync::Arc;
use stdx::{Clock, ManualClock, Random, hex};
use store::MemoryStore;
use tokio::runtime::{Builder, Runtime};

const KEY: &str = "0123456789abcdef0123456789abcdef";
const NOW_MICROS: u64 = 1_795_469_551_000_000;
/// The regions of the server, of its peer that calls, and of another one.
const HOME: &str = "us-east-1";
const NEAR: &str = "us-west-2";
const AWAY: &str = "eu-west-1";
const BEYOND: &str = "eu-west-2";
const THIRD: &str = "ap-south-1";

/// Nothing scales.
#[derive(Debug)]
struct NoScaler;

impl Scaler for NoScaler {
    fn register<'a>(&'a self, _: &'a Caller, _: u64, _: &'a Wanted) -> Registered<'a> {
        Box::pin(async { Ok(()) })
    }

    fn settings<'a>(&'a self, _: &'a Caller, _: u64, _: &'a Scaled) -> Told<'a> {
        Box::pin(async { Ok(None) })
    }

    fn change<'a>(&'a self, _: &'a Caller, _: u64, _: &'a Scaled, _: &'a ScalingChange) -> Registered<'a> {
        Box::pin(async { Ok(()) })
    }
}

struct Server {
    #[expect(dead_code, reason = "the service does not keep it alive")]
    scaler: Arc<NoScaler>,
    runtime: Runtime,
    clock: Arc<ManualClock>,
    peers: Arc<Peers>,
    host: PeerHost,
    calls: Cell<u64>,
}

impl Server {
    fn new() -> Server {
        let clock = Arc::new(ManualClock::at(NOW_MICROS));
        let as_clock: Arc<dyn Clock> = clock.clone();
        let store = Arc::new(MemoryStore::new(Arc::clone(&as_clock)));
        let engine = Engine::open(store, Arc::clone(&as_clock), Random::from_seed(1)).unwrap();
        let peer = |name: &str, regions: &[&str], key: String| Peer {
            name: name.to_owned(),
            url: "http://localhost:1".to_owned(),
            regions: regions.iter().map(|region| (*region).into()).collect(),
            key: key.into(),
            authorities: None,
        };
        let known = vec![peer("eu", &[AWAY, BEYOND], KEY.to_owned()), peer("ap", &[THIRD], KEY.repeat(2))];
        let hosted = vec![HOME.into(), NEAR.into()];
        let peers = Arc::new(Peers::new(hosted, known, Arc::clone(&as_clock)));
        let service = Arc::new(DynamoDb::new(engine).with_peers(Arc::clone(&peers)));
        let scaler = Arc::new(NoScaler);
        let as_scaler: Arc<dyn Scaler> = scaler.clone();
        service.scaling.connect(Arc::downgrade(&as_scaler));
        let figures = Arc::new(Figures::new(Arc::clone(&as_clock)));
        let host = PeerHost { service, clock: as_clock, figures, random: Random::from_seed(3) };
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        Server { scaler, runtime, clock, peers, host, calls: Cell::new(0) }
    }

    /// With a replica of a table that the peer has, and the other one, too.
    fn with_replica() -> Server {
        let server = Server::new();
        let about = about(&[THIRD, AWAY, HOME], HOME, 3);
        let own = json!({"since_micros": 0, "overrides": {"table": {}, "indexes": {}}, "key": null});
        let invite = json!({
            "about": about, "definition": definition(), "own": own, "incarnations": {THIRD: 2}
        });
        assert_eq!(server.call(INVITE, &invite), Ok(()));
        assert_eq!(server.call(FILLED, &about), Ok(()));
        server
    }

    fn engine(&self) -> &Engine {
        &self.host.service.engine
    }

    /// Delivers a call of the peer; else the code of what it is told.
    fn call(&self, call: &str, body: &Value) -> Result<(), String> {
        self.answer(call, body).map(drop)
    }

    /// The same with the answer.
    fn answer(&self, call: &str, body: &Value) -> Result<Value, String> {
        let body = serde_json::to_vec(body).unwrap();
        let uri = Uri::try_from(format!("{PATH}{call}")).unwrap();
        let nonce = self.calls.replace(self.calls.get() + 1).to_string();
        let regions = format!("{AWAY},{BEYOND}");
        let time_micros = self.clock.now_micros();
        let path = uri.path();
        let signed =
            Signed { version: VERSION, method: "POST", path, regions: &regions, time_micros, nonce: &nonce };
        let headers = [
            ("x-stator-peer-version", VERSION.to_string()),
            ("x-stator-peer-regions", regions.clone()),
            ("x-stator-peer-time", time_micros.to_string()),
            ("x-stator-peer-nonce", nonce.clone()),
            ("x-stator-peer-signature", hex::encode(&sealed::call(KEY, signed, &BodyHash::of(&body)))),
        ];
        let header = |(name, value): (&'static str, String)| {
            (HeaderName::from_static(name), HeaderValue::try_from(value).unwrap())
        };
        let headers: HeaderMap = headers.into_iter().map(header).collect();
        let head = Head::read(&Method::POST, &uri, &headers).unwrap();
        let incoming = self.peers.take(head, body.into()).map_err(|(refusal, _)| refusal).unwrap();
        let answer = self.runtime.block_on(self.host.serve(&incoming));
        let text = String::from_utf8_lossy(&answer.body[64..]).into_owned();
        match answer.status {
            200 => Ok(serde_json::from_str(&text).unwrap()),
            _ => Err(text.lines().next().unwrap_or_default().to_owned()),
        }
    }

    fn table(&self, region: &str) -> Option<Arc<Table>> {
        self.engine().table(&scope(region), "world")
    }

    fn regions(&self, region: &str) -> Vec<String> {
        let table = self.table(region).expect("a table");
        table.all_regions().iter().map(|region| region.to_string()).collect()
    }

    fn state(&self, region: &str) -> Option<RemoteState> {
        let table = self.table(HOME).expect("a table");
        table.remote_replica(region).map(|replica| replica.state.clone())
    }

    /// A table of version 2017.11.29 to be.
    fn create(&self, region: &str) {
        let attribute = KeyAttribute { name: "pk".to_owned(), ty: KeyType::S };
        let mut new = NewTable {
            scope: scope(region),
            name: "world".to_owned(),
            key: KeySchema { hash: vec![attribute.clone()], range: Vec::new() },
            attribute_definitions: vec![attribute],
            indexes: Vec::new(),
            settings: Default::default(),
        };
        let stream = StreamSpecification::beginning(StreamView::NewAndOldImages, NOW_MICROS);
        new.settings.stream = Some(stream);
        self.runtime.block_on(self.engine().create_table(new)).unwrap();
    }
}

fn scope(region: &str) -> Scope {
    Scope { account: "000000000000".into(), region: region.into() }
}

fn definition() -> Value {
    json!({
        "key": {"hash": [{"name": "pk", "ty": "S"}], "range": []}, "attributes": [{"name": "pk", "ty": "S"}],
        "indexes": [], "billing_mode": "Provisioned", "units": {"read": 0, "write": 0}, "on_demand": null,
        "table_class": null, "stream_view": "NewAndOldImages", "time_to_live": null, "replicates_settings": null,
        "is_sealed": false
    })
}

fn about(members: &[&str], region: &str, incarnation: u64) -> Value {
    json!({
        "of": {"account": "000000000000", "table": "world", "group": "g", "members": members},
        "region": region, "incarnation": incarnation, "source": AWAY
    })
}

fn announce(members: &[&str], region: &str, incarnation: u64) -> Value {
    json!({"about": about(members, region, incarnation), "coming": []})
}

fn adopt(members: &[&str], region: &str, incarnation: u64) -> Value {
    json!({
        "about": about(members, region, incarnation), "since_micros": 7, "definition": definition(),
        "incarnations": {AWAY: 5}
    })
}

/// A moment passes in which a call that is on its way is still accepted.
fn a_moment(server: &Server) {
    server.clock.advance_micros(1_000_000);
}

#[test]
fn an_announcement_that_comes_late_brings_no_replica_back() {
    let server = Server::with_replica();
    let four = [THIRD, AWAY, BEYOND, HOME];
    assert_eq!(server.call(ANNOUNCE, &announce(&four, BEYOND, 5)), Ok(()));
    assert_eq!(server.call(JOINED, &about(&four, BEYOND, 5)), Ok(()));
    assert_eq!(server.state(BEYOND), Some(RemoteState::Active));
    assert_eq!(server.call(FORGET, &about(&four, BEYOND, 5)), Ok(()));
    a_moment(&server);
    assert_eq!(server.call(ANNOUNCE, &announce(&four, BEYOND, 5)), Err("NotMember".to_owned()));
    assert_eq!(server.regions(HOME), [THIRD, AWAY, HOME]);
    // One that never came before it was taken back is no other.
    assert_eq!(server.call(FORGET, &about(&four, BEYOND, 6)), Ok(()));
    assert_eq!(server.call(ANNOUNCE, &announce(&four, BEYOND, 6)), Err("NotMember".to_owned()));
    assert_eq!(server.state(BEYOND), None);
}

#[test]
fn what_comes_late_about_one_replica_is_nothing_to_the_next_one_of_the_region() {
    let server = Server::with_replica();
    let four = [THIRD, AWAY, BEYOND, HOME];
    assert_eq!(server.call(ANNOUNCE, &announce(&four, BEYOND, 5)), Ok(()));
    assert_eq!(server.call(FORGET, &about(&four, BEYOND, 5)), Ok(()));
    assert_eq!(server.call(ANNOUNCE, &announce(&four, BEYOND, 9)), Ok(()));
    a_moment(&server);
    assert_eq!(server.call(JOINED, &about(&four, BEYOND, 5)), Ok(()));
    assert_eq!(server.state(BEYOND), Some(RemoteState::Joining { source: AWAY.into() }));
    assert_eq!(server.call(FORGET, &about(&four, BEYOND, 5)), Ok(()));
    assert_eq!(server.call(JOINED, &about(&four, BEYOND, 9)), Ok(()));
    assert_eq!(server.state(BEYOND), Some(RemoteState::Active));
    // Those about the replica of this server name it, too.
    for call in [LEAVE, PART, FILLED] {
        assert_eq!(server.call(call, &about(&four, HOME, 2)), Err("NotMember".to_owned()), "{call}");
    }
    assert!(!server.table(HOME).expect("a table").settings.is_leaving());
    assert_eq!(server.call(LEAVE, &about(&four, HOME, 3)), Ok(()));
    assert!(server.table(HOME).expect("a table").settings.is_leaving());
}

#[test]
fn an_invitation_that_comes_late_makes_no_table() {
    let server = Server::new();
    let later = |incarnation| about(&[AWAY, HOME], HOME, incarnation);
    let about = later(3);
    assert_eq!(server.call(FORGET, &about), Ok(()));
    a_moment(&server);
    let own = json!({"since_micros": 0, "overrides": {"table": {}, "indexes": {}}, "key": null});
    let invite =
        |about: &Value| json!({"about": about, "definition": definition(), "own": own, "incarnations": {}});
    assert_eq!(server.call(INVITE, &invite(&about)), Err("NotMember".to_owned()));
    assert!(server.table(HOME).is_none());
    assert_eq!(server.call(INVITE, &invite(&later(4))), Ok(()));
    assert!(server.table(HOME).is_some());
}

#[test]
fn what_has_gone_is_forgotten_once_no_call_can_be_about_it() {
    let server = Server::with_replica();
    let four = [THIRD, AWAY, BEYOND, HOME];
    assert_eq!(server.call(FORGET, &about(&four, BEYOND, 5)), Ok(()));
    server.clock.advance_micros(600_000_000);
    assert_eq!(server.call(FORGET, &about(&four, THIRD, 1)), Ok(()));
    let last = |region| super::gone::last(server.engine().shared_store(), "g", region);
    assert_eq!(server.runtime.block_on(last(BEYOND)).unwrap(), None);
    assert_eq!(server.runtime.block_on(last(THIRD)).unwrap(), Some(1));
    assert!(server.state(THIRD).is_some(), "it is another one");
}

#[test]
fn servers_that_add_replicas_to_themselves_at_the_same_time_know_both() {
    let server = Server::with_replica();
    let home = [server.table(HOME).expect("a table")];
    let stream = home[0].settings.stream.clone();
    let mut new = NewTable {
        scope: scope(NEAR),
        name: "world".to_owned(),
        key: home[0].key.clone(),
        attribute_definitions: home[0].attribute_definitions.clone(),
        indexes: Vec::new(),
        settings: Default::default(),
    };
    new.settings.stream = stream;
    let created = server.runtime.block_on(server.engine().create_replica(new, &home, 8)).unwrap();
    assert!(created.expect("nothing has changed").introduction().is_some());
    // The peer adds one to itself, and does not know of that yet.
    let members = [THIRD, AWAY, BEYOND, HOME];
    assert_eq!(server.call(ANNOUNCE, &announce(&members, BEYOND, 9)), Ok(()));
    for region in [HOME, NEAR] {
        assert_eq!(server.regions(region), [THIRD, AWAY, BEYOND, HOME, NEAR], "{region}");
    }
    // It knows now, and says so again.
    let members = [THIRD, AWAY, BEYOND, HOME, NEAR];
    assert_eq!(server.call(ANNOUNCE, &announce(&members, BEYOND, 9)), Ok(()));
    // Nobody's membership is passed over with that.
    let members = [AWAY, BEYOND, HOME, NEAR];
    assert_eq!(server.call(FORGET, &about(&members, BEYOND, 9)), Ok(()));
    assert_eq!(server.call(ANNOUNCE, &announce(&members, BEYOND, 10)), Err("NotMember".to_owned()));
}

#[test]
fn tables_of_version_2017_are_adopted_once_and_know_who_has_gone() {
    let server = Server::new();
    assert_eq!(server.call(ADOPT, &adopt(&[AWAY, HOME], HOME, 3)), Err("Invalid".to_owned()));
    server.create(HOME);
    assert_eq!(server.call(GREET, &adopt(&[AWAY, HOME], HOME, 3)), Err("Later".to_owned()));
    for _ in 0..2 {
        assert_eq!(server.call(ADOPT, &adopt(&[THIRD, AWAY, HOME], HOME, 3)), Ok(()));
        assert_eq!(server.regions(HOME), [THIRD, AWAY, HOME]);
    }
    server.create(NEAR);
    assert_eq!(server.call(ADOPT, &adopt(&[THIRD, AWAY, HOME, NEAR], NEAR, 4)), Ok(()));
    for region in [HOME, NEAR] {
        assert_eq!(server.regions(region), [THIRD, AWAY, HOME, NEAR]);
        assert!(server.table(region).expect("a table").is_legacy_replica());
    }
    // The one that greets has gone by the time that this comes.
    let members = [THIRD, AWAY, HOME, NEAR];
    assert_eq!(server.call(FORGET, &about(&members, AWAY, 5)), Ok(()));
    assert_eq!(server.state(AWAY), None);
    assert_eq!(server.call(GREET, &adopt(&members, HOME, 3)), Err("NotMember".to_owned()));
    assert_eq!(server.state(AWAY), None);
    // Calls of the other version are none for them.
    assert_eq!(server.call(ANNOUNCE, &announce(&members, BEYOND, 9)), Err("NotMember".to_owned()));
    assert_eq!(server.call(PART, &about(&members, NEAR, 4)), Err("InUse".to_owned()), "one is joining");
    assert_eq!(server.call(FORGET, &about(&members, THIRD, 0)), Ok(()));
    assert_eq!(server.call(PART, &about(&members, NEAR, 4)), Ok(()));
    assert!(server.table(NEAR).expect("a table").global().is_some_and(|global| global.is_parting));
    // One that has gone its own way is not adopted by a call of before.
    assert_eq!(server.call(FORGET, &about(&members, NEAR, 4)), Ok(()));
    assert_eq!(server.call(ADOPT, &adopt(&members, NEAR, 4)), Err("NotMember".to_owned()));
}

/// How much is to be written, by request or not.
fn terms(mode: Option<&str>, units: i64) -> Value {
    let none = json!({"table": {"units": null, "scaling": null}, "indexes": []});
    let writes = json!({"table": {"units": units, "scaling": null}, "indexes": []});
    json!({"billing_mode": mode, "table_class": null, "writes": writes, "reads": none})
}

impl Server {
    /// With a replica of version 2017.11.29 that the peer has, too, and of which it is the third of its region.
    fn with_legacy_replica() -> (Server, Value) {
        let server = Server::new();
        server.create(HOME);
        let members = [AWAY, HOME];
        assert_eq!(server.call(ADOPT, &adopt(&members, HOME, 3)), Ok(()));
        let about = about(&members, HOME, 3);
        let weigh = json!({"about": about, "terms": terms(None, 7)});
        assert_eq!(server.call(WEIGH, &weigh), Err("InUse".to_owned()), "the other one is joining");
        assert_eq!(server.call(JOINED, &self::about(&members, AWAY, 5)), Ok(()));
        (server, about)
    }

    fn weigh(&self, about: &Value, terms: &Value) -> Result<Value, String> {
        let weighed = self.answer(WEIGH, &json!({"about": about, "terms": terms}))?;
        Ok(weighed["seen"].clone())
    }

    fn pay(&self, about: &Value, terms: &Value, seen: &Value) -> Result<Value, String> {
        self.answer(PAY, &json!({"about": about, "terms": terms, "seen": seen}))
    }

    fn write_units(&self) -> u64 {
        self.table(HOME).expect("a table").settings.throughput.write_units
    }
}

#[test]
fn settings_change_once_and_only_while_they_are_what_was_told() {
    let (server, about) = Server::with_legacy_replica();
    let seen = server.weigh(&about, &terms(None, 7)).unwrap();
    assert_eq!(server.write_units(), 0, "nothing is changed by asking");
    assert_eq!(server.pay(&about, &terms(None, 7), &json!("")), Err("InUse".to_owned()));
    let paid = server.pay(&about, &terms(None, 7), &seen).unwrap();
    assert_eq!((&paid["writes"]["units"], server.write_units()), (&json!(7), 7));
    a_moment(&server);
    for late in [terms(None, 7), terms(None, 8)] {
        assert_eq!(server.pay(&about, &late, &seen), Err("InUse".to_owned()));
    }
    let again = server.weigh(&about, &terms(None, 7)).unwrap();
    assert_ne!(again, seen);
    assert_eq!(server.pay(&about, &terms(None, 7), &again), Ok(paid), "it is as it should be");
    // By request, and back: the same again is no fault either.
    let on_demand = json!({
        "billing_mode": "PAY_PER_REQUEST", "table_class": null, "writes": terms(None, 1)["reads"],
        "reads": terms(None, 1)["reads"]
    });
    for _ in 0..2 {
        let seen = server.weigh(&about, &on_demand).unwrap();
        let paid = server.pay(&about, &on_demand, &seen).unwrap();
        assert_eq!(paid["billing_mode"]["value"], "PAY_PER_REQUEST");
    }
    let mut ordered = terms(Some("PROVISIONED"), 9);
    ordered["reads"]["table"]["units"] = json!(8);
    for _ in 0..2 {
        let seen = server.weigh(&about, &ordered).unwrap();
        let paid = server.pay(&about, &ordered, &seen).unwrap();
        assert_eq!((&paid["writes"]["units"], &paid["reads"]["units"]), (&json!(9), &json!(8)));
    }
}

#[test]
fn settings_of_another_replica_or_that_none_can_have_are_refused() {
    let (server, about) = Server::with_legacy_replica();
    let seen = server.weigh(&about, &terms(None, 7)).unwrap();
    let refused = |about: &Value, terms: &Value, code: &str| {
        assert_eq!(server.weigh(about, terms), Err(code.to_owned()), "{about} {terms}");
        assert_eq!(server.pay(about, terms, &seen), Err(code.to_owned()), "{about} {terms}");
        assert_eq!(server.write_units(), 0);
    };
    let with = |value: &Value, at: &str, new: Value| {
        let mut changed = value.clone();
        *changed.pointer_mut(at).expect("it is there") = new;
        changed
    };
    let good = terms(None, 7);
    refused(&with(&about, "/incarnation", json!(2)), &good, "NotMember");
    refused(&with(&about, "/of/group", json!("other")), &good, "NotMember");
    refused(&with(&about, "/of/table", json!("other")), &good, "NotMember");
    refused(&with(&about, "/region", json!(NEAR)), &good, "NotMember");
    refused(&with(&about, "/source", json!(BEYOND)), &good, "NotMember");
    refused(&with(&about, "/source", json!(HOME)), &good, "BadCall");
    let index = |name: &str| json!([{"name": name, "capacity": {"units": 7, "scaling": null}}]);
    for (at, new) in [
        ("/billing_mode", json!("FREE")),
        ("/table_class", json!("standard")),
        ("/writes/table/units", json!(0)),
        ("/writes/table/units", json!("7")),
        ("/reads/indexes", index("")),
        ("/reads/indexes", json!(vec![index("by-kind")[0].clone(); 21])),
        ("/writes/table/scaling", json!("On")),
        ("/writes", json!({"table": {"units": 7, "scaling": null}, "indexes": [], "more": 1})),
    ] {
        refused(&about, &with(&good, at, new), "BadCall");
    }
    refused(&about, &with(&good, "/reads/indexes", index("by-kind")), "IndexNotFoundException");
    refused(&about, &terms(None, 1_000_000), "LimitExceededException");
    refused(&about, &terms(Some("PAY_PER_REQUEST"), 7), "Invalid");
    // A replica of the other version has other calls.
    let server = Server::with_replica();
    let about = self::about(&[THIRD, AWAY, HOME], HOME, 3);
    assert_eq!(server.weigh(&about, &good), Err("NotMember".to_owned()));
}
