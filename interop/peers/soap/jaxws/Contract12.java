// The contract by SOAP 1.2.

import javax.jws.WebService;
import javax.xml.ws.BindingType;
import javax.xml.ws.soap.SOAPBinding;

@WebService(endpointInterface = "rmix.contract.Contract", targetNamespace = "urn:rmix:contract",
    serviceName = "ContractService", portName = "Contract12Port", wsdlLocation = "contract.wsdl")
@BindingType(SOAPBinding.SOAP12HTTP_BINDING)
public class Contract12 extends ContractBase {}
