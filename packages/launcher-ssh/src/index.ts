export { ssh } from "./Ssh.ts"
