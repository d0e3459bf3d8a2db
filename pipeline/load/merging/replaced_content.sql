-- The content hash of the rows that give way: count, xor, sum.
{content_hash} from (select hash as h from replaced_{entity})
