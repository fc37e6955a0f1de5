package stator;

import java.util.Map;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** Writes all keys version by version until it is stopped, whatever happens to the server. */
final class Writer {
    private final DynamoDbClient table;
    private final int keys;
    private final Thread thread;
    private volatile boolean stopped;
    private int last;

    Writer(DynamoDbClient table, int keys) {
        this.table = table;
        this.keys = keys;
        this.thread = new Thread(this::write, "writer");
        thread.setDaemon(true);
        thread.start();
    }

    /** Returns the last version of every key. */
    int stop() throws InterruptedException {
        stopped = true;
        thread.join();
        return last;
    }

    private void write() {
        for (int version = 0; !stopped; version++) {
            for (int key = 0; key < keys; key++) {
                var item = Map.of("id", AttributeValue.fromS("key " + key), "v", AttributeValue.fromN("" + version));
                while (!put(item)) {}
            }
            last = version;
            pause(200);
        }
    }

    /** A put whose outcome is not known is put again: what changes nothing has no record. */
    private boolean put(Map<String, AttributeValue> item) {
        try {
            table.putItem(request -> request.tableName("followed").item(item));
            return true;
        } catch (SdkException error) {
            pause(100);
            return false;
        }
    }

    private static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException error) {
            throw new IllegalStateException(error);
        }
    }
}
