import java.util.Base64;
import java.util.HexFormat;
import java.util.Scanner;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Computes HMAC-SHA256 with the JDK: key and content in hex on each line in, hex and base64 out. */
class Peer {
    public static void main(String[] args) throws Exception {
        Scanner lines = new Scanner(System.in);
        while (lines.hasNextLine()) {
            String[] given = lines.nextLine().split(" ", 2);
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(HexFormat.of().parseHex(given[0]), "HmacSHA256"));
            byte[] digest = mac.doFinal(HexFormat.of().parseHex(given[1]));
            System.out.println(
                HexFormat.of().formatHex(digest) + " " + Base64.getEncoder().encodeToString(digest));
        }
    }
}
