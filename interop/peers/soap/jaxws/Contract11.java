// The contract by SOAP 1.1.

import javax.jws.WebService;

@WebService(endpointInterface = "rmix.contract.Contract", targetNamespace = "urn:rmix:contract",
    serviceName = "ContractService", portName = "ContractPort", wsdlLocation = "contract.wsdl")
public class Contract11 extends ContractBase {}
