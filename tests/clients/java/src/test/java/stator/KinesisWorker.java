package stator;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.protocols.jsoncore.JsonNode;
import software.amazon.awssdk.protocols.jsoncore.JsonNodeParser;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.cloudwatch.CloudWatchAsyncClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.kinesis.common.ConfigsBuilder;
import software.amazon.kinesis.common.InitialPositionInStream;
import software.amazon.kinesis.common.InitialPositionInStreamExtended;
import software.amazon.kinesis.coordinator.Scheduler;
import software.amazon.kinesis.lifecycle.events.InitializationInput;
import software.amazon.kinesis.lifecycle.events.LeaseLostInput;
import software.amazon.kinesis.lifecycle.events.ProcessRecordsInput;
import software.amazon.kinesis.lifecycle.events.ShardEndedInput;
import software.amazon.kinesis.lifecycle.events.ShutdownRequestedInput;
import software.amazon.kinesis.metrics.NullMetricsFactory;
import software.amazon.kinesis.processor.ShardRecordProcessor;
import software.amazon.kinesis.processor.SingleStreamTracker;
import software.amazon.kinesis.retrieval.KinesisClientRecord;
import software.amazon.kinesis.retrieval.fanout.FanOutConfig;
import software.amazon.kinesis.retrieval.polling.PollingConfig;

/** A worker of the Kinesis Client Library that reads a Kinesis stream, set up to notice everything soon. */
final class KinesisWorker {
    /** How it gets records: it asks for them, or they are handed to a consumer that it registers, as is its default. */
    enum Retrieval { POLLING, FAN_OUT }

    private final Scheduler scheduler;
    private final Thread thread;

    private KinesisWorker(String name, Scheduler scheduler) {
        this.scheduler = scheduler;
        thread = new Thread(scheduler, name);
        thread.setDaemon(true);
        thread.start();
    }

    static KinesisWorker start(
        String name, URI url, Region region, AwsCredentialsProvider credentials, KinesisAsyncClient kinesis, String stream, Retrieval way,
        Observed observed) {
        var dynamodb = DynamoDbAsyncClient.builder().endpointOverride(url).region(region).credentialsProvider(credentials);
        var cloudwatch = CloudWatchAsyncClient.builder().endpointOverride(url).region(region).credentialsProvider(credentials);
        var horizon = InitialPositionInStreamExtended.newInitialPosition(InitialPositionInStream.TRIM_HORIZON);
        var tracker = new SingleStreamTracker(stream, horizon);
        var configs = new ConfigsBuilder(tracker, "reader", kinesis, dynamodb.build(), cloudwatch.build(), name, () -> new Processor(observed));
        var coordinator = configs.coordinatorConfig();
        coordinator.parentShardPollIntervalMillis(300);
        coordinator.shardConsumerDispatchPollIntervalMillis(100);
        var leases = configs.leaseManagementConfig();
        leases.failoverTimeMillis(1_000);
        leases.shardSyncIntervalMillis(1_000);
        leases.leasesRecoveryAuditorExecutionFrequencyMillis(2_000);
        // Worker metrics ask the machine where it runs.
        leases.workerUtilizationAwareAssignmentConfig().disableWorkerMetrics(true);
        var retrieval = configs.retrievalConfig();
        retrieval.retrievalSpecificConfig(switch (way) {
            case POLLING -> polling(stream, kinesis);
            case FAN_OUT -> new FanOutConfig(kinesis).streamName(stream).applicationName("reader");
        });
        return new KinesisWorker(name, new Scheduler(
            configs.checkpointConfig(), coordinator, leases, configs.lifecycleConfig(),
            configs.metricsConfig().metricsFactory(new NullMetricsFactory()), configs.processorConfig(), retrieval));
    }

    private static PollingConfig polling(String stream, KinesisAsyncClient kinesis) {
        var polling = new PollingConfig(stream, kinesis);
        polling.idleTimeBetweenReadsInMillis(200);
        return polling;
    }

    void stop() throws Exception {
        scheduler.shutdown();
        thread.join(20_000);
    }

    private record Processor(Observed observed) implements ShardRecordProcessor {
        @Override
        public void initialize(InitializationInput input) {}

        @Override
        public void processRecords(ProcessRecordsInput input) {
            input.records().forEach(this::observe);
            try {
                input.checkpointer().checkpoint();
            } catch (Exception error) {
                // The server is down: what is not checkpointed comes again.
            }
        }

        private void observe(KinesisClientRecord record) {
            String json = StandardCharsets.UTF_8.decode(record.data()).toString();
            JsonNode change = JsonNodeParser.create().parse(json).field("dynamodb").orElseThrow();
            String id = text(change, "Keys", "id", "S");
            observed.add(id, Integer.parseInt(text(change, "NewImage", "v", "N")));
        }

        private static String text(JsonNode node, String... path) {
            for (String name : path) {
                node = node.field(name).orElseThrow();
            }
            return node.text();
        }

        @Override
        public void leaseLost(LeaseLostInput input) {}

        @Override
        public void shardEnded(ShardEndedInput input) {
            for (int tries = 0; ; tries++) {
                try {
                    input.checkpointer().checkpoint();
                    return;
                } catch (Exception error) {
                    if (tries == 20) {
                        throw new IllegalStateException(error);
                    }
                    pause(500); // the end of a shard must be kept
                }
            }
        }

        @Override
        public void shutdownRequested(ShutdownRequestedInput input) {
            try {
                input.checkpointer().checkpoint();
            } catch (Exception error) {
                // As above.
            }
        }

        private static void pause(long millis) {
            try {
                Thread.sleep(millis);
            } catch (InterruptedException error) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
