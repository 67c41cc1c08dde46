import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * What only Kafka's own clients can do, for tests: `KafkaTool BOOTSTRAP`, then one command a line on
 * standard input, each answered by one line, `ok [...]` or `error TEXT`, until the input ends.
 *
 *   send CODEC TOPIC PARTITION TIMESTAMP KEY VALUES   one batch or more, acknowledged by all
 *   begin ID TIMEOUT_MS CODEC                         a transaction of the producer ID
 *   put ID TOPIC PARTITION TIMESTAMP KEY VALUES       in the transaction of ID, flushed
 *   commit ID | abort ID
 *   scram USER SCRAM-SHA-256|SCRAM-SHA-512 PASSWORD
 *   elect preferred|unclean TOPIC PARTITION
 *
 * VALUES are base64, comma between; KEY is base64 or `-`; TIMESTAMP is milliseconds or `-`. `send`
 * and `put` answer the offset of the first and of the last record. A transaction that is neither
 * committed nor aborted hangs, and goes on hanging when this program is killed.
 */
public final class KafkaTool {
  private final String bootstrap;
  private final Map<String, KafkaProducer<byte[], byte[]>> producers = new HashMap<>();
  private Admin admin;

  private KafkaTool(String bootstrap) {
    this.bootstrap = bootstrap;
  }

  public static void main(String[] arguments) throws Exception {
    KafkaTool tool = new KafkaTool(arguments[0]);
    BufferedReader input =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    System.out.println("ok");
    for (String line = input.readLine(); line != null; line = input.readLine()) {
      try {
        System.out.println(("ok " + tool.run(line.split(" "))).trim());
      } catch (Exception error) {
        Throwable cause = error.getCause() == null ? error : error.getCause();
        System.out.println("error " + cause.toString().replace('\n', ' '));
      }
    }
    // Closing producers would abort what is to hang.
    Runtime.getRuntime().halt(0);
  }

  private String run(String[] words) throws Exception {
    return switch (words[0]) {
      case "send" -> send(plain(words[1]), words, 2);
      case "begin" -> begin(words[1], words[2], words[3]);
      case "put" -> send(producers.get(words[1]), words, 2);
      case "commit" -> {
        producers.get(words[1]).commitTransaction();
        yield "";
      }
      case "abort" -> {
        producers.get(words[1]).abortTransaction();
        yield "";
      }
      case "scram" -> scram(words[1], words[2], words[3]);
      case "elect" -> elect(words[1], words[2], Integer.parseInt(words[3]));
      default -> throw new IllegalArgumentException("no command " + words[0]);
    };
  }

  private String send(KafkaProducer<byte[], byte[]> producer, String[] words, int first)
      throws Exception {
    String topic = words[first];
    int partition = Integer.parseInt(words[first + 1]);
    String stamp = words[first + 2];
    Long timestamp = stamp.equals("-") ? null : Long.valueOf(stamp);
    Base64.Decoder decoder = Base64.getDecoder();
    byte[] key = words[first + 3].equals("-") ? null : decoder.decode(words[first + 3]);
    List<Future<RecordMetadata>> sent = new ArrayList<>();
    for (String value : words[first + 4].split(",")) {
      byte[] bytes = decoder.decode(value);
      sent.add(producer.send(new ProducerRecord<>(topic, partition, timestamp, key, bytes)));
    }
    producer.flush();
    return sent.get(0).get().offset() + " " + sent.get(sent.size() - 1).get().offset();
  }

  private String begin(String id, String timeoutMs, String codec) {
    KafkaProducer<byte[], byte[]> producer = producers.get(id);
    if (producer == null) {
      Properties settings = settings(codec);
      settings.put("transactional.id", id);
      settings.put("transaction.timeout.ms", timeoutMs);
      producer = new KafkaProducer<>(settings);
      producer.initTransactions();
      producers.put(id, producer);
    }
    producer.beginTransaction();
    return "";
  }

  private String scram(String user, String mechanism, String password) throws Exception {
    ScramCredentialInfo info =
        new ScramCredentialInfo(ScramMechanism.fromMechanismName(mechanism), 4096);
    admin()
        .alterUserScramCredentials(
            List.of(new UserScramCredentialUpsertion(user, info, password)))
        .all()
        .get();
    return "";
  }

  private String elect(String kind, String topic, int partition) throws Exception {
    ElectionType type = kind.equals("unclean") ? ElectionType.UNCLEAN : ElectionType.PREFERRED;
    admin().electLeaders(type, Set.of(new TopicPartition(topic, partition))).all().get();
    return "";
  }

  private Admin admin() {
    if (admin == null) {
      Properties settings = new Properties();
      settings.put("bootstrap.servers", bootstrap);
      admin = Admin.create(settings);
    }
    return admin;
  }

  private KafkaProducer<byte[], byte[]> plain(String codec) {
    return producers.computeIfAbsent("codec " + codec, (name) -> new KafkaProducer<>(settings(codec)));
  }

  private Properties settings(String codec) {
    Properties settings = new Properties();
    settings.put("bootstrap.servers", bootstrap);
    settings.put("compression.type", codec);
    settings.put("linger.ms", "20");
    // A frozen broker is given up soon, and the record sent to whoever leads by then.
    settings.put("request.timeout.ms", "3000");
    settings.put("delivery.timeout.ms", "50000");
    settings.put("max.request.size", "33554432");
    settings.put("key.serializer", ByteArraySerializer.class.getName());
    settings.put("value.serializer", ByteArraySerializer.class.getName());
    return settings;
  }
}
