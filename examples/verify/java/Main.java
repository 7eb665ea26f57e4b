import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** java Main METHOD URL HEADERS_FILE BODY_FILE [SEEN_FOLDER], with WEBHOOK_SECRET in the environment. */
final class Main {
  public static void main(String[] args) throws Exception {
    Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    for (String line : Files.readAllLines(Path.of(args[2]))) {
      int colon = line.indexOf(':');
      if (colon > 0) headers.put(line.substring(0, colon), line.substring(colon + 1).strip());
    }
    byte[] body = Files.readAllBytes(Path.of(args[3]));
    String now = System.getenv().getOrDefault("WEBHOOK_NOW", "" + System.currentTimeMillis());
    String secret = System.getenv("WEBHOOK_SECRET");
    String header = headers.get("X-Webhook-Signature");
    String answer = WebhookVerifier.verify(secret, header, args[0], args[1], body, Long.parseLong(now));
    String deliveryId = headers.getOrDefault("X-Webhook-Delivery", "");
    if (answer.equals("ok") && args.length > 4 && !deliveryId.isEmpty()) {
      if (WebhookVerifier.isRepeat(Path.of(args[4]), deliveryId)) answer = "repeat";
    }
    System.out.println(answer);
    System.exit(answer.equals("ok") || answer.equals("repeat") ? 0 : 1);
  }
}
