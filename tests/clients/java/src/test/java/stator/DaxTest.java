package stator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;
import software.amazon.awssdk.services.dynamodb.model.GetItemRequest;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.KeysAndAttributes;
import software.amazon.awssdk.services.dynamodb.model.ResourceNotFoundException;
import software.amazon.awssdk.services.dynamodb.model.ReturnConsumedCapacity;
import software.amazon.awssdk.services.dynamodb.model.ReturnValue;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;
import software.amazon.awssdk.services.dynamodb.model.TransactionCanceledException;

/** DAX's client, on a server that serves it. */
class DaxTest {
    private static DaxServer server;
    private static DynamoDbClient http;
    private static DynamoDbClient dax;

    @BeforeAll
    static void start() throws Exception {
        server = new DaxServer();
        http = server.http();
        dax = server.dax();
        http.createTable(table -> table.tableName("items")
            .billingMode(BillingMode.PAY_PER_REQUEST)
            .keySchema(
                pk -> pk.attributeName("pk").keyType(KeyType.HASH),
                sk -> sk.attributeName("sk").keyType(KeyType.RANGE))
            .attributeDefinitions(
                pk -> pk.attributeName("pk").attributeType(ScalarAttributeType.S),
                sk -> sk.attributeName("sk").attributeType(ScalarAttributeType.N)));
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
    }

    private static Map<String, AttributeValue> key(String pk, int sk) {
        return Map.of("pk", AttributeValue.fromS(pk), "sk", AttributeValue.fromN("" + sk));
    }

    private static Map<String, AttributeValue> item(String pk, int sk, String name, AttributeValue value) {
        return Map.of("pk", AttributeValue.fromS(pk), "sk", AttributeValue.fromN("" + sk), name, value);
    }

    @Test
    void whatIsReadAgainComesFromTheCache() {
        Map<String, AttributeValue> item = item("c", 1, "list", AttributeValue.fromL(List.of(
            AttributeValue.fromSs(List.of("x", "y")), AttributeValue.fromBool(true), AttributeValue.fromN("-1.5"))));
        dax.putItem(put -> put.tableName("items").item(item));
        GetItemRequest get = GetItemRequest.builder().tableName("items").key(key("c", 1))
            .returnConsumedCapacity(ReturnConsumedCapacity.TOTAL).build();
        assertEquals(item, dax.getItem(get).item());
        assertNull(dax.getItem(get).consumedCapacity());
        assertEquals(0.5, dax.getItem(get.toBuilder().key(key("c", 2)).build()).consumedCapacity().capacityUnits());
        http.deleteItem(delete -> delete.tableName("items").key(key("c", 1)));
        assertFalse(dax.getItem(get).hasItem());
    }

    @Test
    void expressionsAndPages() {
        IntStream.range(0, 5).forEach(sk ->
            dax.putItem(put -> put.tableName("items").item(item("p", sk, "n", AttributeValue.fromN("" + sk)))));
        assertEquals("5", dax.updateItem(update -> update.tableName("items").key(key("p", 4))
            .updateExpression("SET n = n + :one").conditionExpression("n = :four")
            .expressionAttributeValues(Map.of(":one", AttributeValue.fromN("1"), ":four", AttributeValue.fromN("4")))
            .returnValues(ReturnValue.ALL_NEW)).attributes().get("n").n());
        assertThrows(ConditionalCheckFailedException.class, () -> dax.deleteItem(delete -> delete.tableName("items")
            .key(key("p", 4)).conditionExpression("attribute_not_exists(pk)")));
        List<String> found = dax.queryPaginator(query -> query.tableName("items").limit(2)
                .keyConditionExpression("pk = :p").filterExpression("n <> :three")
                .expressionAttributeValues(Map.of(":p", AttributeValue.fromS("p"), ":three", AttributeValue.fromN("3"))))
            .items().stream().map(item -> item.get("sk").n()).collect(Collectors.toList());
        assertEquals(List.of("0", "1", "2", "4"), found);
        assertEquals(Set.of("p"), dax.scan(scan -> scan.tableName("items").projectionExpression("pk")
                .filterExpression("pk = :p").expressionAttributeValues(Map.of(":p", AttributeValue.fromS("p"))))
            .items().stream().map(item -> item.get("pk").s()).collect(Collectors.toSet()));
        assertThrows(ResourceNotFoundException.class, () -> dax.getItem(get -> get.tableName("none").key(key("p", 1))));
    }

    @Test
    void batchesAndTransactions() {
        Map<String, AttributeValue> one = item("b", 1, "v", AttributeValue.fromS("1"));
        dax.batchWriteItem(batch -> batch.requestItems(Map.of("items", List.of(
            software.amazon.awssdk.services.dynamodb.model.WriteRequest.builder()
                .putRequest(put -> put.item(one)).build()))));
        assertEquals(List.of(one), dax.batchGetItem(batch -> batch.requestItems(Map.of("items",
            KeysAndAttributes.builder().keys(key("b", 1), key("b", 2)).build()))).responses().get("items"));
        Map<String, AttributeValue> two = item("b", 2, "v", AttributeValue.fromS("2"));
        dax.transactWriteItems(transaction -> transaction.transactItems(
            write -> write.put(put -> put.tableName("items").item(two)),
            write -> write.delete(delete -> delete.tableName("items").key(key("b", 1)))));
        assertEquals(two, dax.transactGetItems(transaction -> transaction.transactItems(
            get -> get.get(item -> item.tableName("items").key(key("b", 2))))).responses().get(0).item());
        assertThrows(TransactionCanceledException.class, () -> dax.transactWriteItems(transaction ->
            transaction.transactItems(write -> write.put(put -> put.tableName("items").item(two)
                .conditionExpression("attribute_not_exists(pk)")))));
    }
}
