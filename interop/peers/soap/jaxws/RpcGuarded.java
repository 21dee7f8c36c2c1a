// The service of style rpc and use literal, for those who show a user name token.

import javax.jws.WebService;

@WebService(endpointInterface = "rmix.rpc.Rpc", targetNamespace = "urn:rmix:rpc",
    serviceName = "RpcService", portName = "RpcPort", wsdlLocation = "rpc.wsdl")
public class RpcGuarded extends RpcEndpoint {
}
