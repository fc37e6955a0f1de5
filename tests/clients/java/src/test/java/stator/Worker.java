package stator;

import com.amazonaws.services.dynamodbv2.streamsadapter.AmazonDynamoDBStreamsAdapterClient;
import com.amazonaws.services.dynamodbv2.streamsadapter.StreamsSchedulerFactory;
import com.amazonaws.services.dynamodbv2.streamsadapter.model.DynamoDBStreamsProcessRecordsInput;
import com.amazonaws.services.dynamodbv2.streamsadapter.polling.DynamoDBStreamsPollingConfig;
import com.amazonaws.services.dynamodbv2.streamsadapter.processor.DynamoDBStreamsShardRecordProcessor;
import java.net.URI;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.cloudwatch.CloudWatchAsyncClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.dynamodb.streams.DynamoDbStreamsClient;
import software.amazon.kinesis.common.ConfigsBuilder;
import software.amazon.kinesis.common.InitialPositionInStream;
import software.amazon.kinesis.common.InitialPositionInStreamExtended;
import software.amazon.kinesis.coordinator.Scheduler;
import software.amazon.kinesis.lifecycle.events.InitializationInput;
import software.amazon.kinesis.lifecycle.events.LeaseLostInput;
import software.amazon.kinesis.lifecycle.events.ShardEndedInput;
import software.amazon.kinesis.lifecycle.events.ShutdownRequestedInput;
import software.amazon.kinesis.metrics.NullMetricsFactory;

/** A worker of the Kinesis Client Library that follows one stream, set up to notice everything soon. */
final class Worker {
    private final Scheduler scheduler;
    private final Thread thread;

    Worker(String name, URI url, Region region, AwsCredentialsProvider credentials, String streamArn, Observed observed) {
        var streams = DynamoDbStreamsClient.builder().endpointOverride(url).region(region).credentialsProvider(credentials);
        var adapter = new AmazonDynamoDBStreamsAdapterClient(streams.build(), region);
        var dynamodb = DynamoDbAsyncClient.builder().endpointOverride(url).region(region).credentialsProvider(credentials);
        var cloudwatch = CloudWatchAsyncClient.builder().endpointOverride(url).region(region).credentialsProvider(credentials);
        var horizon = InitialPositionInStreamExtended.newInitialPosition(InitialPositionInStream.TRIM_HORIZON);
        var tracker = StreamsSchedulerFactory.createSingleStreamTracker(streamArn, horizon);
        var configs = new ConfigsBuilder(tracker, "follower", adapter, dynamodb.build(), cloudwatch.build(), name, () -> new Processor(observed));
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
        var polling = new DynamoDBStreamsPollingConfig(streamArn, adapter);
        polling.idleTimeBetweenReadsInMillis(200);
        retrieval.retrievalSpecificConfig(polling);
        retrieval.initialPositionInStreamExtended(horizon);
        scheduler = StreamsSchedulerFactory.createScheduler(
            configs.checkpointConfig(), coordinator, leases, configs.lifecycleConfig(),
            configs.metricsConfig().metricsFactory(new NullMetricsFactory()), configs.processorConfig(), retrieval, adapter);
        thread = new Thread(scheduler, name);
        thread.setDaemon(true);
        thread.start();
    }

    /** Without handing anything over: the next worker takes the leases when they have run out. */
    void stop() throws Exception {
        scheduler.shutdown();
        thread.join(20_000);
    }

    private record Processor(Observed observed) implements DynamoDBStreamsShardRecordProcessor {
        @Override
        public void initialize(InitializationInput input) {}

        @Override
        public void processRecords(DynamoDBStreamsProcessRecordsInput input) {
            input.records().forEach(record -> observed.add(record.getRecord()));
            try {
                input.checkpointer().checkpoint();
            } catch (Exception error) {
                // Handed over meanwhile, or the server is down: what is not checkpointed comes again.
            }
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
