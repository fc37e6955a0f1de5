package stator;

import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.dax.ClusterDaxClient;
import software.amazon.dax.Configuration;

/** A server that serves DAX's clients too, with a client of each kind. */
final class DaxServer implements AutoCloseable {
    private static final StaticCredentialsProvider CREDENTIALS =
        StaticCredentialsProvider.create(AwsBasicCredentials.create("local", "local"));

    private final StatorServer server;
    private final DynamoDbClient http;
    private final DynamoDbClient dax;

    DaxServer() throws Exception {
        server = new StatorServer("--dax", "--dax-port", "0");
        http = DynamoDbClient.builder()
            .endpointOverride(server.url())
            .region(Region.EU_WEST_1)
            .credentialsProvider(CREDENTIALS)
            .build();
        Configuration configuration = Configuration.builder()
            .url(server.dax())
            .region(Region.EU_WEST_1)
            .credentialsProvider(CREDENTIALS)
            .build();
        dax = ClusterDaxClient.builder().overrideConfiguration(configuration).build();
    }

    DynamoDbClient http() {
        return http;
    }

    DynamoDbClient dax() {
        return dax;
    }

    @Override
    public void close() throws Exception {
        dax.close();
        http.close();
        server.close();
    }
}
