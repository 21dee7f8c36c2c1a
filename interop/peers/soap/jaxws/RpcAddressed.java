// The service of style rpc and use literal, for those who speak WS-Addressing.

import javax.jws.WebService;
import javax.xml.ws.soap.Addressing;

@Addressing(enabled = true, required = true)
@WebService(endpointInterface = "rmix.rpc.Rpc", targetNamespace = "urn:rmix:rpc",
    serviceName = "RpcService", portName = "RpcPort", wsdlLocation = "rpc.wsdl")
public class RpcAddressed extends RpcEndpoint {
}
