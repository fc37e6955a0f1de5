package stator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeDefinition;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.CancellationReason;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;
import software.amazon.awssdk.services.dynamodb.model.KeySchemaElement;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.KeysAndAttributes;
import software.amazon.awssdk.services.dynamodb.model.ProjectionType;
import software.amazon.awssdk.services.dynamodb.model.QueryRequest;
import software.amazon.awssdk.services.dynamodb.model.QueryResponse;
import software.amazon.awssdk.services.dynamodb.model.ResourceNotFoundException;
import software.amazon.awssdk.services.dynamodb.model.ReturnValue;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItem;
import software.amazon.awssdk.services.dynamodb.model.TransactionCanceledException;
import software.amazon.awssdk.services.dynamodb.model.UpdateItemRequest;
import software.amazon.awssdk.services.dynamodb.model.WriteRequest;

/** The access patterns of examples/social-app, with the same assertions over HTTP and by DAX. */
class SocialTest {
    private static final String FRESH = "attribute_not_exists(PK)";
    private static final String FAILED = "ConditionalCheckFailed";

    private static DaxServer server;

    @BeforeAll
    static void start() throws Exception {
        server = new DaxServer();
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
    }

    private static AttributeValue s(String text) {
        return AttributeValue.fromS(text);
    }

    private static AttributeValue n(int number) {
        return AttributeValue.fromN("" + number);
    }

    private static Map<String, AttributeValue> keyed(String pk, String sk) {
        return Map.of("PK", s(pk), "SK", s(sk));
    }

    private static Map<String, AttributeValue> with(Map<String, AttributeValue> key, Map<String, AttributeValue> rest) {
        Map<String, AttributeValue> item = new HashMap<>(key);
        item.putAll(rest);
        return item;
    }

    /** The table, through a client. */
    private record App(DynamoDbClient client, String table) {
        static App create(DynamoDbClient http, DynamoDbClient client, String table) {
            http.createTable(create -> create.tableName(table).billingMode(BillingMode.PAY_PER_REQUEST)
                .keySchema(schema("PK", "SK"))
                .attributeDefinitions(List.of("PK", "SK", "GSI1PK", "GSI1SK").stream().map(name ->
                    AttributeDefinition.builder().attributeName(name).attributeType(ScalarAttributeType.S).build()).toList())
                .globalSecondaryIndexes(index -> index.indexName("GSI1").keySchema(schema("GSI1PK", "GSI1SK"))
                    .projection(projection -> projection.projectionType(ProjectionType.ALL))));
            return new App(client, table);
        }

        private static List<KeySchemaElement> schema(String hash, String range) {
            return List.of(
                KeySchemaElement.builder().attributeName(hash).keyType(KeyType.HASH).build(),
                KeySchemaElement.builder().attributeName(range).keyType(KeyType.RANGE).build());
        }

        Map<String, AttributeValue> profile(String id) {
            return client.getItem(get -> get.tableName(table).key(keyed("USER#" + id, "USER#" + id))).item();
        }

        TransactWriteItem put(Map<String, AttributeValue> item) {
            return TransactWriteItem.builder()
                .put(put -> put.tableName(table).item(item).conditionExpression(FRESH)).build();
        }

        TransactWriteItem add(Map<String, AttributeValue> key, String counter) {
            return TransactWriteItem.builder().update(update -> update.tableName(table).key(key)
                .updateExpression("ADD #counter :amount").conditionExpression("attribute_exists(PK)")
                .expressionAttributeNames(Map.of("#counter", counter))
                .expressionAttributeValues(Map.of(":amount", n(1)))).build();
        }

        /** The codes of the reasons why the actions were refused; none if they were done. */
        List<String> transact(TransactWriteItem... actions) {
            try {
                client.transactWriteItems(transaction -> transaction.transactItems(actions));
                return List.of();
            } catch (TransactionCanceledException cancelled) {
                return cancelled.cancellationReasons().stream().map(CancellationReason::code).toList();
            }
        }

        QueryResponse query(Consumer<QueryRequest.Builder> query) {
            return client.query(request -> query.accept(request.tableName(table)));
        }
    }

    private static Map<String, AttributeValue> user(String id, String name) {
        return with(keyed("USER#" + id, "USER#" + id), Map.of("GSI1PK", s("USERNAME#" + name), "GSI1SK", s("USER#" + id),
            "username", s(name), "follower_count", n(0), "post_count", n(0)));
    }

    private static List<String> register(App app, String id, String name) {
        var claim = with(keyed("USERNAME#" + name, "USERNAME#" + name), Map.of("user_id", s(id)));
        return app.transact(app.put(claim), app.put(user(id, name)));
    }

    private static List<String> follow(App app) {
        var relation = with(keyed("USER#1", "FOLLOWING#2"), Map.of("GSI1PK", s("USER#2"), "GSI1SK", s("FOLLOWER#1")));
        return app.transact(app.put(relation), app.add(keyed("USER#2", "USER#2"), "follower_count"));
    }

    private static List<String> like(App app, Map<String, AttributeValue> post) {
        return app.transact(app.put(keyed("POST#5", "LIKE#1")), app.add(post, "like_count"));
    }

    private static List<String> postsOf(App app, String id) {
        List<String> shown = new ArrayList<>();
        Map<String, AttributeValue> last = null;
        do {
            Map<String, AttributeValue> from = last;
            QueryResponse page = app.query(query -> query.scanIndexForward(false).limit(2).exclusiveStartKey(from)
                .keyConditionExpression("PK = :user AND begins_with(SK, :post)")
                .expressionAttributeValues(Map.of(":user", s("USER#" + id), ":post", s("POST#"))));
            page.items().forEach(post -> shown.add(post.get("SK").s()));
            last = page.hasLastEvaluatedKey() ? page.lastEvaluatedKey() : null;
        } while (last != null);
        return shown;
    }

    @ParameterizedTest
    @ValueSource(strings = {"over-http", "by-dax"})
    void whatTheApplicationDoes(String way) {
        App app = App.create(server.http(), way.equals("by-dax") ? server.dax() : server.http(), way);
        assertEquals(Map.of(), app.profile("1"));
        assertEquals(List.of(), register(app, "1", "ann"));
        assertEquals(List.of(), register(app, "2", "bob"));
        assertEquals(List.of(FAILED, "None"), register(app, "3", "ann"));
        assertEquals(user("1", "ann"), app.profile("1"));
        assertEquals(List.of(user("2", "bob")), app.query(query -> query.indexName("GSI1").limit(1)
            .keyConditionExpression("GSI1PK = :name").expressionAttributeValues(Map.of(":name", s("USERNAME#bob")))).items());

        assertEquals(List.of(), follow(app));
        assertEquals(List.of(FAILED, "None"), follow(app));
        assertEquals(n(1), app.profile("2").get("follower_count"));

        List<String> posts = IntStream.rangeClosed(1, 5).mapToObj(day -> "POST#2026-01-0" + day).toList();
        for (String post : posts) {
            var content = Map.of("content", s(post), "like_count", n(0), "tags", AttributeValue.fromSs(List.of("x")));
            assertEquals(List.of(), app.transact(
                app.put(with(keyed("USER#2", post), content)), app.add(keyed("USER#2", "USER#2"), "post_count")));
        }
        List<String> latestFirst = new ArrayList<>(posts);
        java.util.Collections.reverse(latestFirst);
        assertEquals(latestFirst, postsOf(app, "2"));

        Map<String, AttributeValue> latest = keyed("USER#2", posts.get(4));
        assertEquals(List.of(), like(app, latest));
        assertEquals(List.of(FAILED, "None"), like(app, latest));
        UpdateItemRequest edit = UpdateItemRequest.builder().tableName(way).key(latest)
            .updateExpression("SET content = :new, edits = if_not_exists(edits, :none) + :one")
            .conditionExpression("attribute_exists(PK) AND like_count >= :one")
            .expressionAttributeValues(Map.of(":new", s("edited"), ":none", n(0), ":one", n(1)))
            .returnValues(ReturnValue.ALL_NEW).build();
        assertEquals(n(1), app.client().updateItem(edit).attributes().get("edits"));
        assertThrows(ConditionalCheckFailedException.class,
            () -> app.client().updateItem(edit.toBuilder().key(keyed("USER#2", "POST#none")).build()));

        KeysAndAttributes keys = KeysAndAttributes.builder()
            .keys(keyed("USER#1", "USER#1"), keyed("USER#2", "USER#2"), keyed("USER#9", "USER#9")).build();
        for (int time = 0; time < 2; time++) {
            assertEquals(2, app.client().batchGetItem(batch -> batch.requestItems(Map.of(way, keys))).responses().get(way).size());
        }
        var read = app.client().transactGetItems(transaction -> transaction.transactItems(
            get -> get.get(item -> item.tableName(way).key(latest)),
            get -> get.get(item -> item.tableName(way).key(keyed("USER#9", "USER#9"))))).responses();
        assertEquals(s("edited"), read.get(0).item().get("content"));
        assertFalse(read.get(1).hasItem());

        var all = app.client().scan(scan -> scan.tableName(way).filterExpression("begins_with(PK, :user)")
            .projectionExpression("PK, SK").expressionAttributeValues(Map.of(":user", s("USER#")))).items();
        assertEquals(8, all.size());
        List<WriteRequest> deletes = all.stream()
            .map(key -> WriteRequest.builder().deleteRequest(delete -> delete.key(key)).build()).collect(Collectors.toList());
        app.client().batchWriteItem(batch -> batch.requestItems(Map.of(way, deletes)));
        assertEquals(Map.of(), app.profile("1"));
        assertThrows(ResourceNotFoundException.class, () -> app.client().getItem(get -> get.tableName("none").key(latest)));
    }
}
