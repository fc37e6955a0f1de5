package stator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.apache.ApacheHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.DynamoDbException;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;

/** The SDK over TLS with signatures that are verified, on a production server of its own. */
class SecureTest {
    @Test
    void signedRequestsOverTls() throws Exception {
        Path folder = Files.createTempDirectory(Path.of(System.getenv("STATOR_SCRATCH")), "secure").resolve("made");
        Process init = new ProcessBuilder(System.getenv("STATOR_BIN"), "init", folder.toString()).start();
        String shown = new String(init.getInputStream().readAllBytes());
        String key = found("AWS_ACCESS_KEY_ID=(\\S+)", shown);
        String secret = found("AWS_SECRET_ACCESS_KEY=(\\S+)", shown);
        try (StatorServer server = new StatorServer("--config", folder.resolve("stator.toml").toString())) {
            URI url = URI.create(server.url().toString().replace("http:", "https:"));
            KeyStore trusted = trusted(folder.resolve("ca.pem"));
            DynamoDbClient client = client(url, key, secret, trusted);
            client.createTable(table -> table.tableName("items")
                .billingMode(BillingMode.PAY_PER_REQUEST)
                .keySchema(element -> element.attributeName("pk").keyType(KeyType.HASH))
                .attributeDefinitions(attribute -> attribute.attributeName("pk").attributeType(ScalarAttributeType.S)));
            Map<String, AttributeValue> item = Map.of("pk", AttributeValue.fromS("\u00e4 b"));
            client.putItem(put -> put.tableName("items").item(item));
            assertEquals(item, client.getItem(get -> get.tableName("items").key(item)).item());

            DynamoDbClient wrong = client(url, key, "another", trusted);
            DynamoDbException refused =
                assertThrows(DynamoDbException.class, () -> wrong.getItem(get -> get.tableName("items").key(item)));
            assertEquals("InvalidSignatureException", refused.awsErrorDetails().errorCode());
            DynamoDbClient untrusting = client(url, key, secret, null);
            assertThrows(SdkClientException.class, () -> untrusting.getItem(get -> get.tableName("items").key(item)));
        }
    }

    /** With the authorities of the system where none are given. */
    private static DynamoDbClient client(URI url, String key, String secret, KeyStore trusted) throws Exception {
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        return DynamoDbClient.builder()
            .endpointOverride(url)
            .region(Region.EU_WEST_1)
            .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create(key, secret)))
            .httpClientBuilder(ApacheHttpClient.builder().tlsTrustManagersProvider(trust::getTrustManagers))
            .build();
    }

    private static KeyStore trusted(Path authority) throws Exception {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (InputStream pem = Files.newInputStream(authority)) {
            store.setCertificateEntry("authority", CertificateFactory.getInstance("X.509").generateCertificate(pem));
        }
        return store;
    }

    private static String found(String pattern, String text) {
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        if (!matcher.find()) {
            throw new IllegalStateException(pattern + " is not in " + text);
        }
        return matcher.group(1);
    }
}
