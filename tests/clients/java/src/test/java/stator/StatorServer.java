package stator;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A server over a folder of its own, on a port that it keeps when it is killed and started again. */
final class StatorServer implements AutoCloseable {
    private final Path folder;
    private final int port;
    private final String[] options;
    private Process process;

    StatorServer(String... options) throws Exception {
        this.folder = Files.createTempDirectory(Path.of(System.getenv("STATOR_SCRATCH")), "kcl");
        this.options = options;
        try (ServerSocket free = new ServerSocket(0)) {
            this.port = free.getLocalPort();
        }
        start();
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + port);
    }

    /** Where DAX's clients reach it, of a server with --dax. */
    String dax() throws Exception {
        String ready = Files.readString(folder.resolve("ready.json"));
        Matcher matcher = Pattern.compile("\"dax\":\"([^\"]+)\"").matcher(ready);
        if (!matcher.find()) {
            throw new IOException("the server serves no DAX: " + ready);
        }
        return matcher.group(1);
    }

    void start() throws Exception {
        Path ready = folder.resolve("ready.json");
        Files.deleteIfExists(ready);
        String[] command = {
            System.getenv("STATOR_BIN"), "--port", "" + port, "--data-dir", folder.resolve("data").toString(),
            "--ready-file", ready.toString()
        };
        process = new ProcessBuilder(concat(command, options)).inheritIO().redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
        for (int tries = 0; !Files.exists(ready); tries++) {
            if (!process.isAlive() || tries > 600) {
                throw new IOException("the server did not become ready");
            }
            Thread.sleep(50);
        }
    }

    /** As a power cut would. */
    void kill() throws Exception {
        process.destroyForcibly();
        process.waitFor(10, TimeUnit.SECONDS);
    }

    @Override
    public void close() throws Exception {
        process.destroy();
        if (!process.waitFor(20, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
    }

    private static String[] concat(String[] one, String[] other) {
        String[] both = java.util.Arrays.copyOf(one, one.length + other.length);
        System.arraycopy(other, 0, both, one.length, other.length);
        return both;
    }
}
