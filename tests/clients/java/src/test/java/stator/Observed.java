package stator;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.Record;

/** What a worker was handed, by key: the versions in the order in which they came. */
final class Observed {
    private final Map<String, List<Integer>> versions = new TreeMap<>();

    synchronized void add(Record record) {
        AttributeValue version = record.dynamodb().newImage().get("v");
        add(record.dynamodb().keys().get("id").s(), Integer.parseInt(version.n()));
    }

    synchronized void add(String key, int version) {
        versions.computeIfAbsent(key, first -> new ArrayList<>()).add(version);
    }

    /** Whether the last version of every key was seen. */
    synchronized boolean isComplete(int keys, int last) {
        return versions.size() == keys && versions.values().stream().allMatch(seen -> seen.contains(last));
    }

    /** Every version at least once, and none before the one before it; what came again is passed over. */
    synchronized void check(int keys, int last) {
        if (versions.size() != keys) {
            throw new AssertionError(versions.size() + " keys of " + keys);
        }
        versions.forEach((key, seen) -> {
            int next = 0;
            for (int version : seen) {
                if (version > next) {
                    throw new AssertionError(key + ": " + next + " is missing in " + seen);
                }
                next = Math.max(next, version + 1);
            }
            if (next != last + 1) {
                throw new AssertionError(key + " ends with " + (next - 1) + ": " + seen);
            }
        });
    }

    synchronized int count() {
        return versions.values().stream().mapToInt(List::size).sum();
    }
}
