//! Operations called from inside, without HTTP or JSON, are refused as requests are, in the order of
//! `item/put_item/precedence.case`.

use dynamodb::DynamoDb;
use engine::Engine;
use figures::Figures;
use model::ApiError;
use model::dynamodb::{
    AttributeDefinition, CreateTable, CreateTableInput, GetItem, GetItemInput, KeySchemaElement, PutItem,
    PutItemInput,
};
use pipeline::{Caller, Cx, Host, Operation, RequestId, perform};
use std::sync::Arc;
use stdx::{Clock, ManualClock, Random};
use store::MemoryStore;
use types::{Item, ItemBuilder, Value};
use wire::attribute::Attributes;

/// The database, with nothing in front of it.
struct Inside {
    service: DynamoDb,
    figures: Figures,
    random: Random,
    runtime: tokio::runtime::Runtime,
}

impl Inside {
    fn new() -> Self {
        let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(0));
        let (store, random) = (Arc::new(MemoryStore::new(Arc::clone(&clock))), Random::from_seed(7));
        let engine = Engine::open(store, Arc::clone(&clock), random.clone()).expect("the engine opens");
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build();
        let runtime = runtime.expect("a runtime can be built");
        Inside { service: DynamoDb::new(engine), figures: Figures::new(clock), random, runtime }
    }

    fn call<O: Operation<DynamoDb>>(&self, input: O::Input) -> Result<O::Output, ApiError> {
        let (caller, request_id) = (&Caller::of_key("", "us-east-1"), &RequestId::draw(&self.random));
        let (service, host, random) = (&self.service, Host::Named(""), &self.random);
        let tally = &self.figures.begin(0);
        let cx = Cx { service, caller, now_micros: 0, request_id, host, random, tally };
        self.runtime.block_on(perform::<DynamoDb, O>(&cx, input))
    }

    fn create_table(&self) {
        let (name, text) = (|| Some("pk".to_owned()), |text: &str| Some(text.to_owned()));
        let input = CreateTableInput {
            table_name: text("items"),
            billing_mode: text("PAY_PER_REQUEST"),
            key_schema: Some(vec![KeySchemaElement { attribute_name: name(), key_type: text("HASH") }]),
            attribute_definitions: Some(vec![AttributeDefinition {
                attribute_name: name(),
                attribute_type: text("S"),
            }]),
            ..CreateTableInput::default()
        };
        assert!(self.call::<CreateTable>(input).is_ok());
    }

    /// The refusal of a put.
    fn refusal(&self, input: PutItemInput) -> String {
        let Err(error) = self.call::<PutItem>(input) else { panic!("it is refused") };
        format!("{}: {}", error.code.name(), error.message.unwrap_or_default())
    }
}

fn item(attribute: &str) -> Item {
    let mut item = ItemBuilder::new();
    item.put(attribute, &Value::S("a".into()));
    item.build()
}

/// A put into this table of an item with this attribute.
fn put(table: &str, attribute: &str) -> PutItemInput {
    let item = Attributes { item: item(attribute), ..Attributes::default() };
    PutItemInput { table_name: Some(table.into()), item: Some(item), ..PutItemInput::default() }
}

#[test]
fn refusals_come_in_the_order_of_requests() {
    let inside = Inside::new();
    inside.create_table();
    let some = |text: &str| Some(text.to_owned());
    for (input, refusal) in [
        (
            PutItemInput { return_values: some("x"), condition_expression: some(""), ..put("", "pk") },
            "ValidationException: 1 validation error detected: Value at 'TableName' failed to satisfy constraint: \
             Member must have length greater than or equal to 1",
        ),
        (
            PutItemInput { return_values: some("x"), condition_expression: some(""), ..put("missing", "pk") },
            "ValidationException: 1 validation error detected: Failed to satisfy constraint: Member must satisfy enum \
             value set: [ALL_OLD, UPDATED_OLD, ALL_NEW, UPDATE_NEW, NONE]",
        ),
        (
            PutItemInput {
                return_values: some("ALL_NEW"),
                condition_expression: some(""),
                ..put("missing", "pk")
            },
            "ValidationException: 1 validation error detected: Invalid ConditionExpression: The expression can not be \
             empty;",
        ),
        (
            PutItemInput { return_values: some("ALL_NEW"), ..put("missing", "pk") },
            "ValidationException: 1 validation error detected: ReturnValues can only be ALL_OLD or NONE",
        ),
        (put("missing", "pk"), "ResourceNotFoundException: Requested resource not found"),
        (
            put("items", "other"),
            "ValidationException: One or more parameter values were invalid: Missing the key pk in the item",
        ),
    ] {
        assert_eq!(inside.refusal(input), refusal);
    }
}

#[test]
fn what_was_put_is_there() {
    let inside = Inside::new();
    inside.create_table();
    assert!(inside.call::<PutItem>(put("items", "pk")).is_ok());
    let key = Some(Attributes { item: item("pk"), ..Attributes::default() });
    let input = GetItemInput { table_name: Some("items".into()), key, ..GetItemInput::default() };
    let output = inside.call::<GetItem>(input).expect("it is read");
    assert_eq!(output.item, Some(item("pk")));
}
