/**
 * A hundred TCP ports where something is often found. Chosen by the authors for this package, under its licence, from
 * the registered ports of widespread services and the defaults of common servers, databases, and tools of developers and
 * agents. It is no measurement: other scanners' lists of the same name count what was found on the Internet, and differ.
 */
export const top100: readonly number[] = [
  // File transfer, shells, mail, names, the web
  21, 22, 23, 25, 53, 80, 81, 88, 110, 111, 113, 119, 135, 139, 143, 179, 389, 443, 445, 465,
  // Printing, logs, directories, secure variants
  514, 515, 543, 544, 548, 554, 587, 631, 636, 853, 873, 989, 990, 993, 995, 1080,
  // Messaging, databases, tunnels, remote desktops
  1194, 1433, 1521, 1723, 1883, 2049, 2121, 2181, 2222, 2375, 2376, 2379, 2380, 3000, 3128, 3268,
  3306, 3389, 4000, 4222, 4369, 4443, 5000, 5001, 5060, 5061, 5173, 5222, 5432, 5601, 5672, 5900,
  5901, 5984, 6000, 6379, 6443, 7000, 7474, 8000, 8001, 8008, 8009, 8080, 8081, 8088, 8123, 8443,
  // Search, metrics, model servers, clusters
  8500, 8834, 8883, 8888, 9000, 9042, 9090, 9092, 9100, 9200, 9418, 10_000, 10_250, 11_211, 11_434,
  27_017,
];
