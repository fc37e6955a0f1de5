//! Whatever a server says that holds the key of a peer is served or told why not, never as a fault of this server, and
//! clients of the table that it was about are answered afterwards.

use dynamodb::ops::OPERATIONS;
use dynamodb::{DynamoDb, PeerHost};
use engine::table::{BillingMode, StreamSpecification, StreamView};
use engine::{Engine, KeyAttribute, KeySchema, KeyType, NewTable, Scope};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use identity::{Authenticator, Strictness};
use peers::sealed::{self, BodyHash, Signed};
use peers::{Answer, Head, PATH, Peer, Peers, VERSION};
use pipeline::Pipeline;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use stdx::{Clock, ManualClock, Random, hex};
use store::MemoryStore;
use tokio::runtime::{Builder, Runtime};

/// When the calls come, in microseconds since the Unix epoch: 2026-11-23 21:32:31 UTC.
const NOW_MICROS: u64 = 1_795_469_551_000_000;
const KEY: &str = "0123456789abcdef0123456789abcdef";
const TABLE: &str = "world";

/// How the table comes to be: a peer adds a replica to its own, which has the region of a third server too.
const INVITE: &[u8] = br#"invite
{"about":{"of":{"account":"000000000000","table":"world","group":"g","members":["ap-south-1","eu-west-1","us-east-1"]},"region":"us-east-1","incarnation":3,"source":"eu-west-1"},"definition":{"key":{"hash":[{"name":"pk","ty":"S"}],"range":[{"name":"sk","ty":"N"}]},"attributes":[{"name":"pk","ty":"S"},{"name":"sk","ty":"N"},{"name":"kind","ty":"B"}],"indexes":[{"name":"by-kind","kind":"Global","key":{"hash":[{"name":"kind","ty":"B"}],"range":[]},"projected":{"Include":["title"]},"units":{"read":0,"write":0},"on_demand":null}],"billing_mode":"PayPerRequest","units":{"read":0,"write":0},"on_demand":{"max_read_units":5,"max_write_units":null},"table_class":null,"stream_view":"NewAndOldImages","time_to_live":"expires","replicates_settings":null,"is_sealed":false},"own":{"since_micros":0,"overrides":{"table":{},"indexes":{}},"key":null},"incarnations":{"ap-south-1":2}}"#;
const FILLED: &[u8] = br#"filled
{"of":{"account":"000000000000","table":"world","group":"g","members":["ap-south-1","eu-west-1","us-east-1"]},"region":"us-east-1","incarnation":3,"source":"eu-west-1"}"#;

/// A table of version 2017.11.29 that is here becomes a replica beside that of a peer.
const ADOPT: &[u8] = br#"adopt
{"about":{"of":{"account":"000000000000","table":"old","group":"o","members":["eu-west-1","us-east-1"]},"region":"us-east-1","incarnation":3,"source":"eu-west-1"},"since_micros":7,"definition":{"key":{"hash":[{"name":"pk","ty":"S"}],"range":[]},"attributes":[{"name":"pk","ty":"S"}],"indexes":[],"billing_mode":"PayPerRequest","units":{"read":0,"write":0},"on_demand":null,"table_class":null,"stream_view":"NewAndOldImages","time_to_live":null,"replicates_settings":null,"is_sealed":false},"incarnations":{"eu-west-1":5}}"#;
const JOINED: &[u8] = br#"joined
{"of":{"account":"000000000000","table":"old","group":"o","members":["eu-west-1","us-east-1"]},"region":"eu-west-1","incarnation":5,"source":"eu-west-1"}"#;

/// Calls, each the name of one, a line feed and its body, with the length of both in four bytes before; what is behind
/// the last of them is one without a length.
pub fn peer_calls(input: &[u8]) {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    let runtime = RUNTIME.get_or_init(|| {
        Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime")
    });
    runtime.block_on(async {
        let server = Server::start();
        server.create_old_table().await;
        for made in [INVITE, FILLED, ADOPT, JOINED] {
            let answer = server.serve(made).await.expect("a call");
            assert_eq!(answer.status, 200, "{:?}", String::from_utf8_lossy(&answer.body));
        }
        let mut rest = input;
        while let Some((call, behind)) = first(rest) {
            if let Some(answer) = server.serve(call).await {
                let text = || String::from_utf8_lossy(&answer.body[64..]).into_owned();
                assert!(matches!(answer.status, 200 | 400 | 409), "{} {}", answer.status, text());
            }
            rest = behind;
        }
        server.serves_clients().await;
    });
}

/// The first call of an input, and what is behind it.
fn first(input: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = input.split_first_chunk::<4>()?;
    Some(rest.split_at_checked(u32::from_le_bytes(*length) as usize).unwrap_or((rest, &[])))
}

struct Server {
    calls: AtomicU64,
    peers: Arc<Peers>,
    host: PeerHost,
    pipeline: Pipeline,
}

impl Server {
    fn start() -> Server {
        let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(NOW_MICROS));
        let store = Arc::new(MemoryStore::new(Arc::clone(&clock)));
        let engine = Engine::open(store, Arc::clone(&clock), Random::from_seed(1)).expect("an empty store");
        let peer = |name: &str, region: &str, key: &str| Peer {
            name: name.to_owned(),
            url: "http://localhost:1".to_owned(),
            regions: vec![region.into()],
            key: key.to_owned().into(),
            authorities: None,
        };
        let known = vec![peer("eu", "eu-west-1", KEY), peer("ap", "ap-south-1", &KEY.repeat(2))];
        let hosted = vec!["us-east-1".into(), "us-west-2".into()];
        let peers = Arc::new(Peers::new(hosted, known, Arc::clone(&clock)));
        let service = Arc::new(DynamoDb::new(engine).with_peers(Arc::clone(&peers)));
        let pipeline =
            Pipeline::new(Authenticator::new(Strictness::Off), Arc::clone(&clock), Random::from_seed(2))
                .with_service(Arc::clone(&service), &OPERATIONS);
        let (figures, random) = (pipeline.figures(), Random::from_seed(3));
        let host = PeerHost { service, clock, figures, random };
        Server { calls: AtomicU64::new(0), peers, host, pipeline }
    }

    /// The table that is adopted.
    async fn create_old_table(&self) {
        let attribute = KeyAttribute { name: "pk".to_owned(), ty: KeyType::S };
        let mut new = NewTable {
            scope: Scope { region: "us-east-1".into(), account: "000000000000".into() },
            name: "old".to_owned(),
            key: KeySchema { hash: vec![attribute.clone()], range: Vec::new() },
            attribute_definitions: vec![attribute],
            indexes: Vec::new(),
            settings: Default::default(),
        };
        new.settings.billing_mode = BillingMode::PayPerRequest;
        new.settings.stream = Some(StreamSpecification::beginning(StreamView::NewAndOldImages, NOW_MICROS));
        self.host.service.engine.create_table(new).await.expect("there is none");
    }

    /// `None`: its name is none that HTTP could bring.
    async fn serve(&self, call: &[u8]) -> Option<Answer> {
        let end = call.iter().position(|byte| *byte == b'\n').unwrap_or(call.len());
        let (name, body) = (&call[..end], call.get(end + 1..).unwrap_or_default());
        let uri = Uri::try_from([PATH.as_bytes(), name].concat()).ok()?;
        let nonce = self.calls.fetch_add(1, Ordering::Relaxed).to_string();
        let signed = Signed {
            version: VERSION,
            method: "POST",
            path: uri.path(),
            regions: "eu-west-1",
            time_micros: NOW_MICROS,
            nonce: &nonce,
        };
        let signature = hex::encode(&sealed::call(KEY, signed, &BodyHash::of(body)));
        let headers = [
            ("x-stator-peer-version", VERSION.to_string()),
            ("x-stator-peer-regions", "eu-west-1".to_owned()),
            ("x-stator-peer-time", NOW_MICROS.to_string()),
            ("x-stator-peer-nonce", nonce.clone()),
            ("x-stator-peer-signature", signature),
        ];
        let header = |(name, value): (&'static str, String)| {
            (HeaderName::from_static(name), HeaderValue::try_from(value).expect("printable"))
        };
        let headers: HeaderMap = headers.into_iter().map(header).collect();
        let head = Head::read(&Method::POST, &uri, &headers).ok()?;
        let incoming = self.peers.take(head, body.to_vec().into()).expect("it is signed");
        Some(self.host.serve(&incoming).await)
    }

    /// The table may be another one, or be gone.
    async fn serves_clients(&self) {
        let keys = r#""pk":{"S":"a"},"sk":{"N":"1"}"#;
        let requests = [
            ("ListTables", String::from("{}")),
            ("DescribeTable", format!(r#"{{"TableName":"{TABLE}"}}"#)),
            ("DescribeTimeToLive", format!(r#"{{"TableName":"{TABLE}"}}"#)),
            ("PutItem", format!(r#"{{"TableName":"{TABLE}","Item":{{{keys},"kind":{{"B":"AA=="}}}}}}"#)),
            ("GetItem", format!(r#"{{"TableName":"{TABLE}","Key":{{{keys}}}}}"#)),
            ("Scan", format!(r#"{{"TableName":"{TABLE}"}}"#)),
            ("Scan", format!(r#"{{"TableName":"{TABLE}","IndexName":"by-kind"}}"#)),
        ];
        for (operation, body) in requests {
            let mut headers = HeaderMap::new();
            let target = HeaderValue::try_from(format!("DynamoDB_20120810.{operation}")).expect("printable");
            headers.insert("x-amz-target", target);
            headers.insert("content-type", HeaderValue::from_static("application/x-amz-json-1.0"));
            let request = pipeline::Request {
                method: Method::POST,
                uri: Uri::from_static("/"),
                headers,
                body: body.into(),
                sent: None,
                peer: None,
                streams: None,
            };
            let response = self.pipeline.answer(&request).await;
            let text = || String::from_utf8_lossy(&response.body).into_owned();
            assert!(response.status < 500, "{operation}: {}", text());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{FILLED, INVITE, peer_calls};
    use crate::mutations::each;

    fn sequence(calls: &[&[u8]]) -> Vec<u8> {
        let with_length = |call: &&[u8]| [&(call.len() as u32).to_le_bytes()[..], call].concat();
        calls.iter().flat_map(with_length).collect()
    }

    fn about(call: &str, table: &str, members: &str, region: &str) -> Vec<u8> {
        let incarnation = if region == "ap-south-1" { 2 } else { 3 };
        let about = format!(
            r#"{{"of":{{"account":"000000000000","table":"{table}","group":"g","members":[{members}]}},"region":"{region}","incarnation":{incarnation},"source":"eu-west-1"}}"#
        );
        let body = match call {
            "announce" => format!(r#"{{"about":{about},"coming":[]}}"#),
            "probe" => format!(r#"{{"about":{about},"key":null}}"#),
            "brought" => format!(r#"{{"about":{about},"mark":null}}"#),
            _ => about,
        };
        format!("{call}\n{body}").into_bytes()
    }

    fn changes() -> Vec<u8> {
        let head =
            br#"{"account":"000000000000","table":"world","group":"g","from":"eu-west-1","to":"us-east-1"}"#;
        let mut call = b"changes\n".to_vec();
        call.extend((head.len() as u32).to_le_bytes());
        call.extend(head);
        for (exists, item) in [
            (1, &br#"{"Item":{"pk":{"S":"a"},"sk":{"N":"1"},"kind":{"B":"AA=="},"title":{"S":"t"}}}"#[..]),
            (0, br#"{"Item":{"pk":{"S":"b"},"sk":{"N":"2"}}}"#),
        ] {
            call.extend((super::NOW_MICROS).to_le_bytes());
            call.extend([exists, 9]);
            call.extend(b"eu-west-1");
            call.extend((item.len() as u32).to_le_bytes());
            call.extend(item);
        }
        call
    }

    #[test]
    fn damaged_calls() {
        let all = r#""ap-south-1","eu-west-1","us-east-1""#;
        let four = r#""ap-south-1","eu-west-1","us-east-1","us-west-2""#;
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("text");
        let settings = text(INVITE)
            .replace("invite\n", "settings\n")
            .replace("\"definition\"", "\"since\":[1795469551000000,\"eu-west-1\"],\"definition\"")
            .replace(r#","own":{"since_micros":0,"overrides":{"table":{},"indexes":{}},"key":null}"#, "")
            .replace(r#","incarnations":{"ap-south-1":2}"#, "")
            .replace("by-kind", "of-kind");
        let other =
            text(INVITE).replace(r#""region":"us-east-1""#, r#""region":"us-west-2""#).replace(all, four);
        let look = br#"look
{"account":"000000000000","table":"world","regions":["us-east-1","us-west-2"]}"#;
        let adopt = |call: &str, group: &str| {
            let adopt = text(INVITE).replace("invite\n", &format!("{call}\n"));
            let adopt = adopt.replace(r#""group":"g""#, &format!(r#""group":"{group}""#));
            let own = r#""own":{"since_micros":0,"overrides":{"table":{},"indexes":{}},"key":null}"#;
            adopt.replace(own, r#""since_micros":7"#)
        };
        let pay = |call: &str, more: &str| {
            let about = text(super::JOINED)
                .replace("joined\n", "")
                .replace(r#""region":"eu-west-1""#, r#""region":"us-east-1""#);
            let about = about.replace(r#""incarnation":5"#, r#""incarnation":3"#);
            let policy =
                r#"{"name":"p","target":70.5,"in_cooldown":1,"out_cooldown":null,"is_in_disabled":true}"#;
            let scaling = format!(r#"{{"On":{{"minimum":1,"maximum":9,"policy":{policy}}}}}"#);
            let wanted = format!(r#"{{"table":{{"units":5,"scaling":{scaling}}},"indexes":[]}}"#);
            let terms = format!(
                r#"{{"billing_mode":"PROVISIONED","table_class":"STANDARD","writes":{wanted},"reads":{wanted}}}"#
            );
            format!("{call}\n{{\"about\":{about},\"terms\":{terms}{more}}}")
        };
        let marks = r#"read
{"of":{"account":"000000000000","table":"world","group":"g","members":[MEMBERS]},"mark":"5"}"#;
        let group = marks.replace("read\n{\"of\":", "mark\n").replace(",\"mark\":\"5\"}", "");
        let samples = [
            sequence(&[&changes(), &changes()]),
            sequence(&[settings.as_bytes(), &changes()]),
            sequence(&[&about("probe", "world", four, "us-west-2"), other.as_bytes()]),
            sequence(&[
                &about("forget", "world", all, "ap-south-1"),
                &about("announce", "world", all, "ap-south-1"),
                &about("joined", "world", all, "ap-south-1"),
            ]),
            sequence(&[
                marks.replace("MEMBERS", all).as_bytes(),
                group.replace("MEMBERS", all).as_bytes(),
                INVITE,
                FILLED,
            ]),
            sequence(&[&about("leave", "world", all, "us-east-1"), &about("probe", "new", "", "us-east-1")]),
            sequence(&[
                &about("part", "world", all, "us-east-1"),
                &about("brought", "world", all, "ap-south-1"),
            ]),
            sequence(&[pay("weigh", "").as_bytes(), pay("pay", r#","seen":"""#).as_bytes()]),
            sequence(&[look, adopt("greet", "g").as_bytes(), adopt("adopt", "other").as_bytes()]),
        ];
        let samples: Vec<&[u8]> = samples.iter().map(Vec::as_slice).collect();
        each(&samples, 1_000, peer_calls);
    }
}
