import { getResponse } from "msw";
import { overloadedServer } from "stormproof/msw";

const handlers = overloadedServer({ url: "https://api.example.com/*" });
const response = await getResponse(handlers, new Request("https://api.example.com/items/5"));
console.log(response?.status); // => 204
