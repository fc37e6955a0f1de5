package stator;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.Protocol;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeDefinition;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.KeySchemaElement;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.model.ScalingType;

/**
 * A worker of the Kinesis Client Library reads the stream that a table's changes go to, while its shards are split and
 * merged and the server is killed and started again: it is handed every change of every key, in order.
 */
class KinesisTest {
    private static final int KEYS = 60;
    /** Records after which something happens. */
    private static final int STAGE = 1_000;
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final Region REGION = Region.US_EAST_1;
    private static final StaticCredentialsProvider CREDENTIALS =
        StaticCredentialsProvider.create(AwsBasicCredentials.create("AKIDEXAMPLE", "secret"));
    private static final String STREAM = "changes";

    @Test
    void everyChangeOfEveryKeyInOrderForAWorkerThatPolls() throws Exception {
        everyChangeOfEveryKeyInOrder(KinesisWorker.Retrieval.POLLING);
    }

    @Test
    void everyChangeOfEveryKeyInOrderForOneWithThroughputOfItsOwn() throws Exception {
        everyChangeOfEveryKeyInOrder(KinesisWorker.Retrieval.FAN_OUT);
    }

    private static void everyChangeOfEveryKeyInOrder(KinesisWorker.Retrieval way) throws Exception {
        try (var server = new StatorServer();
            var table = DynamoDbClient.builder().endpointOverride(server.url()).region(REGION).credentialsProvider(CREDENTIALS).build();
            var kinesis = client(server, way)) {
            create(table, kinesis);
            var observed = new Observed();
            var writer = new Writer(table, KEYS);
            var worker = KinesisWorker.start("reader", server.url(), REGION, CREDENTIALS, kinesis, STREAM, way, observed);
            await("the worker reads", () -> observed.count() > STAGE);
            kinesis.updateShardCount(request -> request.streamName(STREAM).targetShardCount(3).scalingType(ScalingType.UNIFORM_SCALING)).join();
            int before = observed.count();
            await("it goes on in the children", () -> observed.count() > before + STAGE);
            server.kill();
            server.start();
            int afterKill = observed.count();
            await("it reads on from the next server", () -> observed.count() > afterKill + STAGE);
            int last = writer.stop();
            await("all is read", () -> observed.isComplete(KEYS, last));
            worker.stop();
            int shards = kinesis.listShards(request -> request.streamName(STREAM)).join().shards().size();
            System.out.println(observed.count() + " records of " + KEYS * (last + 1) + " changes in " + shards + " shards");
            observed.check(KEYS, last);
            assertTrue(shards > 3, shards + " shards");
        }
    }

    /** The client's own choice is HTTP/2, without TLS too; one that polls is made to speak HTTP/1.1. */
    private static KinesisAsyncClient client(StatorServer server, KinesisWorker.Retrieval way) {
        var http = NettyNioAsyncHttpClient.builder();
        if (way == KinesisWorker.Retrieval.POLLING) {
            http.protocol(Protocol.HTTP1_1);
        }
        return KinesisAsyncClient.builder().endpointOverride(server.url()).region(REGION).credentialsProvider(CREDENTIALS)
            .httpClientBuilder(http).build();
    }

    private static void create(DynamoDbClient table, KinesisAsyncClient kinesis) {
        kinesis.createStream(request -> request.streamName(STREAM).shardCount(2)).join();
        String arn = kinesis.describeStreamSummary(request -> request.streamName(STREAM)).join().streamDescriptionSummary().streamARN();
        var id = AttributeDefinition.builder().attributeName("id").attributeType(ScalarAttributeType.S).build();
        var key = KeySchemaElement.builder().attributeName("id").keyType(KeyType.HASH).build();
        table.createTable(request -> request.tableName("followed").billingMode(BillingMode.PAY_PER_REQUEST)
            .attributeDefinitions(id).keySchema(key));
        table.enableKinesisStreamingDestination(request -> request.tableName("followed").streamArn(arn));
    }

    private static void await(String what, BooleanSupplier condition) throws InterruptedException {
        for (long until = System.nanoTime() + PATIENCE.toNanos(); !condition.getAsBoolean(); Thread.sleep(100)) {
            assertTrue(System.nanoTime() < until, () -> what + ": not within " + PATIENCE);
        }
    }
}
