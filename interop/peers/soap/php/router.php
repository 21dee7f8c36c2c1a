<?php
// router.php: what PHP's web server runs for each request. /contract and /contract12 serve the
// contract, /rpc the service of style rpc and use literal, /encoded that of use encoded; with ?wsdl
// they give their description, with ?xsd=NAME a schema of it.

require __DIR__ . '/contract_server.php';
require __DIR__ . '/rpc_server.php';
require __DIR__ . '/encoded_server.php';

const SERVICES = [
    '/contract' => ['contract.wsdl', SOAP_1_1, ContractServer::class, []],
    '/contract12' => ['contract.wsdl', SOAP_1_2, ContractServer::class, []],
    '/rpc' => ['rpc.wsdl', SOAP_1_1, RpcServer::class, []],
    '/encoded' => ['encoded.wsdl', SOAP_1_1, EncodedServer::class, EncodedServer::CLASSES],
];

function description(string $file, string $path): string
{
    $here = 'http://' . $_SERVER['HTTP_HOST'];
    $text = file_get_contents(dirname(__DIR__) . '/' . basename($file));
    $text = preg_replace('/schemaLocation="([^"]+)"/', "schemaLocation=\"$here$path?xsd=\$1\"", $text);
    return preg_replace('#location="http://127.0.0.1/#', "location=\"$here/", $text);
}

$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
if (!isset(SERVICES[$path])) {
    http_response_code(404);
    exit;
}
[$wsdl, $version, $class, $classes] = SERVICES[$path];
if (strcasecmp($_SERVER['QUERY_STRING'] ?? '', 'wsdl') === 0 || isset($_GET['xsd'])) {
    header('Content-Type: text/xml; charset=utf-8');
    echo description($_GET['xsd'] ?? $wsdl, $path);
    exit;
}
$options = ['soap_version' => $version, 'cache_wsdl' => WSDL_CACHE_NONE, 'classmap' => $classes];
$server = new SoapServer(dirname(__DIR__) . "/$wsdl", $options);
$server->setObject(new $class($server, getenv('PEER_STATE')));
$server->handle();
