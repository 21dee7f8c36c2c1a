// WS-Security's user name token, written for a client and checked for a server: JAX-WS RI has none of
// its own. The user is "ada", her password "love:lace".

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.Iterator;
import java.util.Set;
import javax.xml.namespace.QName;
import javax.xml.soap.SOAPElement;
import javax.xml.soap.SOAPEnvelope;
import javax.xml.soap.SOAPException;
import javax.xml.soap.SOAPFault;
import javax.xml.soap.SOAPHeader;
import javax.xml.soap.SOAPHeaderElement;
import javax.xml.ws.handler.MessageContext;
import javax.xml.ws.handler.soap.SOAPHandler;
import javax.xml.ws.handler.soap.SOAPMessageContext;
import javax.xml.ws.soap.SOAPFaultException;

final class Security implements SOAPHandler<SOAPMessageContext> {
    private static final String OASIS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-";
    private static final String WSSE = OASIS + "wssecurity-secext-1.0.xsd";
    private static final String WSU = OASIS + "wssecurity-utility-1.0.xsd";
    private static final String PROFILE = OASIS + "username-token-profile-1.0";
    private static final String BASE64 = OASIS + "soap-message-security-1.0#Base64Binary";
    private static final QName HEADER = new QName(WSSE, "Security", "wsse");

    private final boolean server;
    private final boolean digest;

    private Security(boolean server, boolean digest) {
        this.server = server;
        this.digest = digest;
    }

    static Security client(boolean digest) {
        return new Security(false, digest);
    }

    static Security server() {
        return new Security(true, true);
    }

    @Override
    public Set<QName> getHeaders() {
        return Set.of(HEADER);
    }

    @Override
    public boolean handleMessage(SOAPMessageContext context) {
        boolean outbound = (Boolean) context.get(MessageContext.MESSAGE_OUTBOUND_PROPERTY);
        try {
            SOAPEnvelope envelope = context.getMessage().getSOAPPart().getEnvelope();
            if (outbound && !server) {
                write(envelope);
            } else if (!outbound && server && !isRight(envelope.getHeader())) {
                throw failed(context);
            }
            return true;
        } catch (SOAPException | GeneralSecurityException error) {
            throw new IllegalStateException(error);
        }
    }

    private void write(SOAPEnvelope envelope) throws SOAPException, GeneralSecurityException {
        SOAPHeader header = envelope.getHeader();
        SOAPHeaderElement security =
            (header == null ? envelope.addHeader() : header).addHeaderElement(HEADER);
        security.setMustUnderstand(true);
        Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        SOAPElement token = security.addChildElement("UsernameToken", "wsse", WSSE);
        token.addChildElement("Username", "wsse", WSSE).addTextNode("ada");
        byte[] nonce = new byte[16];
        new SecureRandom().nextBytes(nonce);
        SOAPElement password = token.addChildElement("Password", "wsse", WSSE);
        password.setAttribute("Type", PROFILE + (digest ? "#PasswordDigest" : "#PasswordText"));
        password.addTextNode(digest ? digest(nonce, now.toString()) : "love:lace");
        SOAPElement nonceElement = token.addChildElement("Nonce", "wsse", WSSE);
        nonceElement.setAttribute("EncodingType", BASE64);
        nonceElement.addTextNode(Base64.getEncoder().encodeToString(nonce));
        token.addChildElement("Created", "wsu", WSU).addTextNode(now.toString());
        SOAPElement timestamp = security.addChildElement("Timestamp", "wsu", WSU);
        timestamp.addChildElement("Created", "wsu", WSU).addTextNode(now.toString());
        timestamp.addChildElement("Expires", "wsu", WSU).addTextNode(now.plusSeconds(60).toString());
    }

    private boolean isRight(SOAPHeader header) throws GeneralSecurityException {
        SOAPElement security = header == null ? null : child(header, WSSE, "Security");
        SOAPElement token = security == null ? null : child(security, WSSE, "UsernameToken");
        if (token == null || !"ada".equals(text(token, WSSE, "Username"))) {
            return false;
        }
        SOAPElement password = child(token, WSSE, "Password");
        if (password == null) {
            return false;
        }
        if (!password.getAttribute("Type").endsWith("#PasswordDigest")) {
            return "love:lace".equals(password.getTextContent());
        }
        byte[] nonce = Base64.getDecoder().decode(text(token, WSSE, "Nonce"));
        return digest(nonce, text(token, WSU, "Created")).equals(password.getTextContent());
    }

    private static String digest(byte[] nonce, String created) throws GeneralSecurityException {
        MessageDigest sha = MessageDigest.getInstance("SHA-1");
        sha.update(nonce);
        sha.update(created.getBytes(StandardCharsets.UTF_8));
        sha.update("love:lace".getBytes(StandardCharsets.UTF_8));
        return Base64.getEncoder().encodeToString(sha.digest());
    }

    private static SOAPElement child(SOAPElement parent, String namespace, String name) {
        Iterator<?> found = parent.getChildElements(new QName(namespace, name));
        return found.hasNext() ? (SOAPElement) found.next() : null;
    }

    private static String text(SOAPElement parent, String namespace, String name) {
        SOAPElement found = child(parent, namespace, name);
        return found == null ? "" : found.getTextContent();
    }

    private static SOAPFaultException failed(SOAPMessageContext context) throws SOAPException {
        SOAPFault fault = context.getMessage().getSOAPBody().addFault();
        fault.setFaultCode(new QName(WSSE, "FailedAuthentication", "wsse"));
        fault.setFaultString("the security token could not be authenticated");
        return new SOAPFaultException(fault);
    }

    @Override
    public boolean handleFault(SOAPMessageContext context) {
        return true;
    }

    @Override
    public void close(MessageContext context) {
        // Nothing is kept.
    }
}
