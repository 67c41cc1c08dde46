import java.nio.charset.StandardCharsets;
import java.util.Properties;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Transactions for tests: `Transactions BOOTSTRAP TOPIC PARTITION STEP…`, each step one of
 * `commit:N` and `abort:N` (a transaction of N records, then its marker), `plain:N` (no transaction)
 * and, last, `hang:N` (left open when the program ends). Values are "STEP-INDEX record-number".
 * `codec=NAME` before the steps compresses the batches.
 */
public final class Transactions {
  public static void main(String[] arguments) throws Exception {
    String topic = arguments[1];
    int partition = Integer.parseInt(arguments[2]);
    int first = 3;
    String codec = "none";
    if (arguments[first].startsWith("codec=")) codec = arguments[first++].substring(6);
    try (KafkaProducer<byte[], byte[]> plain = producer(arguments[0], codec, null);
        KafkaProducer<byte[], byte[]> transactional =
            producer(arguments[0], codec, "test-" + topic + "-" + System.nanoTime())) {
      boolean started = false;
      for (int index = first; index < arguments.length; index++) {
        String[] step = arguments[index].split(":");
        int count = Integer.parseInt(step[1]);
        boolean inTransaction = !step[0].equals("plain");
        KafkaProducer<byte[], byte[]> producer = inTransaction ? transactional : plain;
        if (inTransaction) {
          if (!started) transactional.initTransactions();
          started = true;
          transactional.beginTransaction();
        }
        for (int record = 0; record < count; record++) {
          String value = step[0] + "-" + (index - first) + " " + record;
          byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
          producer.send(new ProducerRecord<>(topic, partition, null, bytes));
        }
        producer.flush();
        switch (step[0]) {
          case "commit" -> transactional.commitTransaction();
          case "abort" -> transactional.abortTransaction();
          // Halting leaves the transaction open on the broker; closing would abort it.
          case "hang" -> Runtime.getRuntime().halt(0);
          default -> { }
        }
      }
    }
  }

  private static KafkaProducer<byte[], byte[]> producer(
      String bootstrap, String codec, String transactionalId) {
    Properties settings = new Properties();
    settings.put("bootstrap.servers", bootstrap);
    settings.put("compression.type", codec);
    settings.put("linger.ms", "20");
    settings.put("key.serializer", ByteArraySerializer.class.getName());
    settings.put("value.serializer", ByteArraySerializer.class.getName());
    if (transactionalId != null) {
      settings.put("transactional.id", transactionalId);
      settings.put("transaction.timeout.ms", "600000");
    }
    return new KafkaProducer<>(settings);
  }
}
