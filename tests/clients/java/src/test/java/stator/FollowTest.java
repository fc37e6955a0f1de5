package stator;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeDefinition;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.KeySchemaElement;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;
import software.amazon.awssdk.services.dynamodb.model.Shard;
import software.amazon.awssdk.services.dynamodb.model.StreamSpecification;
import software.amazon.awssdk.services.dynamodb.model.StreamViewType;
import software.amazon.awssdk.services.dynamodb.streams.DynamoDbStreamsClient;

/**
 * A worker of the Kinesis Client Library, with the adapter for DynamoDB Streams, follows a table while its shards are
 * replaced and split, the server is killed and started again, and the worker is replaced: it is handed every change of
 * every key, in order.
 */
class FollowTest {
    private static final int KEYS = 120;
    /** Records after which something happens. */
    private static final int STAGE = 2_000;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Region REGION = Region.US_EAST_1;
    private static final StaticCredentialsProvider CREDENTIALS =
        StaticCredentialsProvider.create(AwsBasicCredentials.create("AKIDEXAMPLE", "secret"));

    @Test
    void everyChangeOfEveryKeyInOrder() throws Exception {
        try (var server = new StatorServer("--stream-shard-life", "12s", "--stream-shard-writes", "50");
            var table = DynamoDbClient.builder().endpointOverride(server.url()).region(REGION).credentialsProvider(CREDENTIALS).build();
            var streams = DynamoDbStreamsClient.builder().endpointOverride(server.url()).region(REGION).credentialsProvider(CREDENTIALS).build()) {
            String arn = create(table);
            var observed = new Observed();
            var writer = new Writer(table, KEYS);
            var first = new Worker("first", server.url(), REGION, CREDENTIALS, arn, observed);
            await("the first worker reads", () -> observed.count() > STAGE);
            server.kill();
            server.start();
            int before = observed.count();
            await("it reads on from the next server", () -> observed.count() > before + STAGE);
            first.stop();
            var second = new Worker("second", server.url(), REGION, CREDENTIALS, arn, observed);
            int handedOver = observed.count();
            await("the second worker goes on", () -> observed.count() > handedOver + STAGE);
            int last = writer.stop();
            await("all is read", () -> observed.isComplete(KEYS, last));
            List<Shard> shards = streams.describeStream(request -> request.streamArn(arn)).streamDescription().shards();
            second.stop();
            System.out.println(observed.count() + " records of " + KEYS * (last + 1) + " changes in " + shards.size() + " shards");
            observed.check(KEYS, last);
            Map<String, Long> children = shards.stream().filter(shard -> shard.parentShardId() != null)
                .collect(Collectors.groupingBy(Shard::parentShardId, Collectors.counting()));
            assertTrue(children.containsValue(1L), "no shard was replaced: " + shards);
            assertTrue(children.containsValue(2L), "no shard was split: " + shards);
        }
    }

    private static String create(DynamoDbClient table) {
        var id = AttributeDefinition.builder().attributeName("id").attributeType(ScalarAttributeType.S).build();
        var key = KeySchemaElement.builder().attributeName("id").keyType(KeyType.HASH).build();
        var both = StreamSpecification.builder().streamEnabled(true).streamViewType(StreamViewType.NEW_AND_OLD_IMAGES).build();
        var created = table.createTable(request -> request.tableName("followed").billingMode(BillingMode.PAY_PER_REQUEST)
            .attributeDefinitions(id).keySchema(key).streamSpecification(both));
        return created.tableDescription().latestStreamArn();
    }

    private static void await(String what, BooleanSupplier condition) throws InterruptedException {
        for (long until = System.nanoTime() + PATIENCE.toNanos(); !condition.getAsBoolean(); Thread.sleep(100)) {
            assertTrue(System.nanoTime() < until, () -> what + ": not within " + PATIENCE);
        }
    }
}
