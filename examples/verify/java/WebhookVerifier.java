import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Verifies the X-Webhook-Signature of a Flowhook request, and tells a repeat. */
final class WebhookVerifier {
  private static final long TOLERANCE_MS = 5 * 60 * 1000;
  private static final Pattern FORM = Pattern.compile("t=([0-9]{1,15})((?:,[a-z0-9]+=[0-9a-f]+)+)");
  private static final Pattern SIGNATURE = Pattern.compile(",sha256=([0-9a-f]{64})\\b");

  /**
   * Answers "ok" or why the request is refused. header is X-Webhook-Signature or null, body the raw
   * bytes as they came, url the whole URL that was called, with its query, now Unix milliseconds.
   */
  static String verify(String secret, String header, String method, String url, byte[] body, long now)
      throws GeneralSecurityException {
    if (secret == null || secret.isEmpty()) return "no_secret";
    if (header == null || header.isEmpty()) return "missing_header";
    Matcher form = FORM.matcher(header);
    if (!form.matches() || !SIGNATURE.matcher(form.group(2)).find()) return "malformed";
    long time = Long.parseLong(form.group(1));
    if (now - time > TOLERANCE_MS) return "expired";
    if (time - now > TOLERANCE_MS) return "too_new";
    boolean byUrl = method.equalsIgnoreCase("get") || method.equalsIgnoreCase("delete");
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
    mac.update((form.group(1) + ".").getBytes(StandardCharsets.UTF_8));
    byte[] expected = mac.doFinal(byUrl ? url.getBytes(StandardCharsets.UTF_8) : body);
    Matcher signatures = SIGNATURE.matcher(form.group(2));
    while (signatures.find()) {
      byte[] received = HexFormat.of().parseHex(signatures.group(1));
      if (MessageDigest.isEqual(received, expected)) return "ok";
    }
    return "mismatch";
  }

  /** True when this X-Webhook-Delivery was taken before; the first to create its mark has it. */
  static boolean isRepeat(Path folder, String deliveryId) throws GeneralSecurityException, IOException {
    byte[] id = deliveryId.getBytes(StandardCharsets.UTF_8);
    byte[] name = MessageDigest.getInstance("SHA-256").digest(id);
    try {
      Files.createFile(folder.resolve(HexFormat.of().formatHex(name)));
      return false;
    } catch (FileAlreadyExistsException taken) {
      return true;
    }
  }
}
