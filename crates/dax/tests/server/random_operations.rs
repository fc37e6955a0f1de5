//! Random operations by DAX and past it, on one table: whatever is read by DAX, from a cache or not, is what the table
//! has; a condition holds or fails as the item is there or not.

use super::world::{Client, World, hex, vectors};
use dax::Limits;
use dax::codec::writer::{put_array, put_bytes, put_text};
use dax::codec::{Reader, item, key, value};
use engine::{KeyAttribute, KeySchema, KeyType};
use identity::Strictness;
use model::dynamodb::{
    DeleteItem, DeleteItemInput, GetItem, GetItemInput, PutItem, PutItemInput, Scan, ScanInput,
};
use stdx::Random;
use types::{Item, ItemBuilder, Number, Value};
use wire::attribute::Attributes;

const TABLE: &str = "TabSN";
const STEPS: usize = 1_500;

fn schema() -> KeySchema {
    let attribute = |name: &str, ty| KeyAttribute { name: name.to_owned(), ty };
    KeySchema { hash: vec![attribute("pk", KeyType::S)], range: vec![attribute("ts", KeyType::N)] }
}

struct Dice(Random);

impl Dice {
    fn below(&self, limit: u64) -> u64 {
        self.0.next_u64() % limit
    }

    fn key(&self) -> Item {
        let mut key = ItemBuilder::new();
        let ts = ["0", "-1.5", "7", "1700000000", "0.001"][self.below(5) as usize];
        key.put("pk", &Value::S(format!("p{}", self.below(2))));
        key.put("ts", &Value::N(Number::parse(ts).expect("a number")));
        key.build()
    }

    fn item(&self, key: &Item) -> Item {
        let mut item = ItemBuilder::new();
        key.as_ref().iter().for_each(|(name, value)| _ = item.put(name, &value.to_value()));
        for name in ["a", "b", "c"].iter().take(self.below(4) as usize) {
            item.put(name, &self.value());
        }
        item.build()
    }

    fn value(&self) -> Value {
        match self.below(5) {
            0 => Value::S(self.below(10).to_string()),
            1 => Value::N(Number::parse(&format!("{}e-2", self.below(1_000))).expect("a number")),
            2 => Value::L(vec![Value::Null, Value::Bool(self.below(2) == 0)]),
            3 => Value::M([("k".to_owned(), Value::B(vec![self.below(256) as u8]))].into()),
            _ => Value::NS([Number::from(1), Number::from(self.below(9) as i64 + 2)].into()),
        }
    }
}

fn attributes(item: &Item) -> Option<Attributes> {
    Some(Attributes { item: item.clone(), ..Attributes::default() })
}

fn request(method: &str, key: &Item) -> Vec<u8> {
    let mut request = hex(method);
    put_bytes(&mut request, TABLE.as_bytes());
    let mut bytes = Vec::new();
    key::put(&mut bytes, &schema(), key.as_ref());
    put_bytes(&mut request, &bytes);
    request
}

async fn list(client: &mut Client, names: &[&str]) -> i64 {
    if names.is_empty() {
        return item::EMPTY_LIST;
    }
    let mut request = hex("013a495927bb");
    put_array(&mut request, names.len());
    names.iter().for_each(|name| put_text(&mut request, name));
    let answer = client.ask(&request, 1).await.expect("an answer");
    Reader::new(&answer[1..]).int().expect("a number")
}

async fn names(client: &mut Client, list: i64) -> Vec<String> {
    let mut request = hex("011a27f9bd71");
    dax::codec::writer::put_int(&mut request, list);
    let answer = client.ask(&request, 1).await.expect("an answer");
    let mut reader = Reader::new(&answer[1..]);
    let (mut left, mut names) = (reader.array().expect("names"), Vec::new());
    while left.next(&mut reader).expect("names") {
        names.push(reader.text().expect("a name").to_owned());
    }
    names
}

/// The item behind values that an answer has.
async fn item_of(client: &mut Client, key: &Item, values: &[u8]) -> Item {
    let (list, values) = item::split(values).expect("an id");
    let names = match list {
        item::EMPTY_LIST => Vec::new(),
        list => names(client, list).await,
    };
    item::read(names.iter().map(String::as_str), values, key.as_ref()).expect("an item").item
}

async fn get(client: &mut Client, key: &Item) -> Option<Item> {
    let mut request = request("011a0fb0cc6a", key);
    request.extend_from_slice(&[0xbf, 0xff]);
    let answer = client.ask(&request, 1).await.expect("an answer");
    let mut reader = Reader::new(&answer[1..]);
    if reader.take_null().expect("a value") {
        return None;
    }
    reader.map().expect("a map");
    assert_eq!(reader.int(), Ok(0));
    let values = reader.bytes().expect("values").to_vec();
    Some(item_of(client, key, &values).await)
}

/// Whether the put was done.
async fn put(client: &mut Client, key: &Item, item: &Item, only_if_absent: bool) -> bool {
    let schema = schema();
    let names: Vec<&str> = item::names(&schema, item.as_ref()).collect();
    let list = list(client, &names).await;
    let (mut request, mut values) = (request("013a7d8e7e56", key), Vec::new());
    item::put(&mut values, &schema, list, item.as_ref());
    put_bytes(&mut request, &values);
    match only_if_absent {
        // attribute_not_exists(pk)
        true => request.extend_from_slice(&hex("bf044a8301820c821262706b80ff")),
        false => request.push(0xf6),
    }
    let answer = client.ask(&request, 1).await.expect("an answer");
    let is_done = answer[0] == 0x80;
    assert!(is_done || answer.starts_with(&hex("8504182518261827182b")), "{answer:x?}");
    is_done
}

async fn scan(client: &mut Client) -> Vec<Item> {
    let mut request = hex("013a6fc8309b");
    put_bytes(&mut request, TABLE.as_bytes());
    request.push(0xf6);
    let answer = client.ask(&request, 1).await.expect("an answer");
    let mut reader = Reader::new(&answer[1..]);
    let (mut left, mut found) = (reader.map().expect("a map"), Vec::new());
    while left.next(&mut reader).expect("a member") {
        if reader.int() != Ok(7) {
            reader.skip().expect("a value");
            continue;
        }
        let mut items = reader.array().expect("items");
        while items.next(&mut reader).expect("an item") {
            reader.array_of(2).expect("a key and values");
            let key = key::read(&schema(), reader.bytes().expect("a key")).expect("a key");
            found.push((key, reader.bytes().expect("values").to_vec()));
        }
    }
    let mut items = Vec::new();
    for (key, values) in found {
        items.push(item_of(client, &key, &values).await);
    }
    items
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_read_by_dax_is_what_the_table_has() {
    let world = World::start(Strictness::Off, Limits::default()).await;
    world.create_tables(&vectors()).await;
    let (mut client, dice) = (world.client().await, Dice(Random::from_seed(5)));
    let table_name = || Some(TABLE.to_owned());
    for step in 0..STEPS {
        let key = dice.key();
        let get_input = GetItemInput {
            table_name: table_name(),
            key: attributes(&key),
            consistent_read: Some(true),
            ..GetItemInput::default()
        };
        let before = world.perform::<GetItem>(get_input).await.item;
        match dice.below(8) {
            0 => {
                let item = dice.item(&key);
                assert!(put(&mut client, &key, &item, false).await);
                assert_eq!(get(&mut client, &key).await, Some(item), "step {step}");
            }
            1 => {
                let item = dice.item(&key);
                assert_eq!(put(&mut client, &key, &item, true).await, before.is_none(), "step {step}");
            }
            2 => {
                let input = PutItemInput {
                    table_name: table_name(),
                    item: attributes(&dice.item(&key)),
                    ..Default::default()
                };
                world.perform::<PutItem>(input).await;
            }
            3 => {
                let input =
                    DeleteItemInput { table_name: table_name(), key: attributes(&key), ..Default::default() };
                world.perform::<DeleteItem>(input).await;
            }
            4 => {
                let mut request = request("011a3c696221", &key);
                request.push(0xf6);
                assert_eq!(client.ask(&request, 1).await, Some(vec![0x80, 0xf6]), "step {step}");
                assert_eq!(get(&mut client, &key).await, None, "step {step}");
            }
            5 => {
                let input =
                    ScanInput { table_name: table_name(), consistent_read: Some(true), ..Default::default() };
                let items = world.perform::<Scan>(input).await.items.unwrap_or_default();
                assert_eq!(scan(&mut client).await, items, "step {step}");
            }
            _ => assert_eq!(get(&mut client, &key).await, before, "step {step}"),
        }
    }
}

#[test]
fn values_of_every_type_go_both_ways() {
    let dice = Dice(Random::from_seed(9));
    for _ in 0..500 {
        let sent = types::ValueBuf::from(&dice.value());
        let mut bytes = Vec::new();
        value::put(&mut bytes, sent.as_bytes());
        assert_eq!(value::read(&mut Reader::new(&bytes)).expect("a value").value, sent);
    }
}
